"""Two sites that share a Redis server receive nothing of each other, although their room ids are equal."""

import secrets

import pytest

from tests.wire import guest


@pytest.fixture
def two_sites(stack, site):
    if not stack.full:
        pytest.skip("the in-memory layer is not shared")
    with stack.site() as other:
        yield site, other
    assert not other.complaints()


@pytest.mark.parametrize("same_key", [False, True], ids=["own keys", "same key, as in a copy of a site"])
async def test_two_sites_on_one_redis_receive_nothing_of_each_other(two_sites, same_key):
    here, there = two_sites
    keys = {} if same_key else {"SECRET_KEY": secrets.token_urlsafe(50)}
    ayu = await guest(here.start(), "Ayu", "Kitchen")
    budi = await guest(there.start(**keys), "Budi", "Kitchen")
    async with ayu.open("kitchen") as first, budi.open("kitchen") as second:
        for socket in (first, second):
            await socket.hello()
        await first.send("typing")
        await first.post("private to the first site")
        await first.expect("message", text="private to the first site")
        # Redis delivers in order: everything above would have arrived before the second site's own message.
        await second.post("posted on the second site")
        await second.expect("message", text="posted on the second site")
        assert second.texts == ["posted on the second site"]
        assert not second.heard("typing")
        await first.ping()
        assert first.texts == ["private to the first site"]
