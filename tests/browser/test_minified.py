"""The pages with collected static files: minified modules, under names with a hash."""

import pytest

pytestmark = pytest.mark.once


@pytest.fixture
def server(site, tmp_path):
    site.manage("collectstatic", "--noinput", STATIC_ROOT=str(tmp_path))
    return site.start(STATIC_ROOT=str(tmp_path))


def test_two_people_talk_with_minified_scripts(visitor, alice, kitchen):
    ayu, budi = visitor().join_as_guest("Ayu", "kitchen"), visitor().log_in(alice).join_room("kitchen")
    scripts = ayu.page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert [name for name in scripts if "/chat/js/room." in name]
    ayu.send_message("Tea?")
    budi.see_message("Tea?").send_message("Yes")
    ayu.see_message("Yes").see_nothing_pending()
    budi.page.reload()
    budi.see_message("Tea?")
