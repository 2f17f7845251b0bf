"""A Redis that needs TLS and a password, with a certificate of one's own authority."""

import re

import httpx
import pytest

from tests.services import Valkey

from .tls import TlsProxy, certificate_authority
from .two_people import hears_by_heartbeat, two_people


@pytest.fixture
def redis(full, tmp_path):
    """A Redis with a password behind TLS. `redis(…)` returns a URL for it."""
    authority, certificate = certificate_authority(tmp_path)
    with Valkey(tmp_path) as valkey, TlsProxy(certificate, valkey.port) as proxy:

        def url(password=valkey.password, authority=authority):
            trusted = f"?ssl_ca_certs={authority}" if authority else ""
            return f"rediss://:{password}@127.0.0.1:{proxy.port}/0{trusted}"

        yield url


async def test_two_processes_exchange_messages_over_tls(redis, site):
    first, second = site.start(REDIS_URL=redis()), site.start(REDIS_URL=redis())
    assert httpx.get(first.url + "/readyz").json()["layer"] == "ok"
    async with two_people(first, second) as (here, there):
        await here.send("typing")  # the heartbeat does not deliver it
        await there.expect("typing")
        await here.post("Hello")
        await there.expect("message", text="Hello")
    assert "layer" not in first.log.read_text()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"password": "wrong"}, "WRONGPASS|invalid username-password pair"),
        ({"authority": ""}, "certificate verify failed"),
    ],
    ids=["a wrong password", "an untrusted certificate"],
)
async def test_the_log_has_one_line_with_the_reason_and_messages_still_flow(redis, site, wrong, reason):
    first, second = (site.start(REDIS_URL=redis(**wrong)) for _ in range(2))
    async with two_people(first, second) as (here, there):
        await hears_by_heartbeat(here, there)
    assert httpx.get(first.url + "/readyz").json()["layer"] == "down"
    for process in (first, second):
        (line,) = [line for line in process.log.read_text().splitlines() if "channel layer" in line]
        assert re.search(reason, line), line
        assert "wrong@" not in line and len(process.log.read_text().splitlines()) < 5
