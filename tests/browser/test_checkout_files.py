"""The static files of the checkout, as `runserver` serves them. The other tests use collected files."""

import pytest

pytestmark = pytest.mark.once


@pytest.fixture
def server(site, tmp_path):
    return site.start(STATIC_ROOT=str(tmp_path))  # without collected files


def test_two_people_talk_with_the_scripts_of_the_checkout(visitor, alice, kitchen):
    ayu, budi = visitor().join_as_guest("Ayu", "kitchen"), visitor().log_in(alice).join_room("kitchen")
    scripts = ayu.page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [name for name in scripts if name.endswith("/chat/js/room.js")]
    ayu.send_message("Tea?")
    budi.see_message("Tea?").send_message("Yes")
    ayu.see_message("Yes").see_nothing_pending()
    budi.page.reload()
    budi.see_message("Tea?")
