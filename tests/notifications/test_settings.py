"""The pages with the settings of notifications, and what open pages are told of them."""

from datetime import time
from urllib.parse import quote

import pytest

from chat.actions.ignoring import ignore
from chat.actions.room_settings import set_for_me
from chat.models import Membership, NotificationSettings

pytestmark = pytest.mark.django_db
PAGE = "/accounts/notifications/"


@pytest.fixture
def reader(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_visitor_is_sent_to_the_login(client):
    assert client.get(PAGE).url == f"/accounts/login/?next={quote(PAGE, safe='')}"


def test_quiet_hours_and_sound_are_stored_with_the_zone_of_the_browser(reader, alice):
    reader.cookies["zone"] = "Asia/Jakarta"
    answer = reader.post(PAGE, {"quiet_from": "22:00", "quiet_until": "07:00"}, follow=True)
    row = NotificationSettings.objects.get(user=alice)
    assert (row.quiet_from, row.quiet_until, row.zone) == (time(22), time(7), "Asia/Jakarta")
    assert not row.sound and not row.mail
    assert 'value="22:00"' in answer.text and "Asia/Jakarta" in answer.text


def test_one_time_alone_is_refused_and_kept(reader):
    answer = reader.post(PAGE, {"quiet_from": "22:00", "quiet_until": "", "sound": "on"})
    assert answer.status_code == 422
    assert "Enter both times, or neither." in answer.text and 'value="22:00"' in answer.text
    assert not NotificationSettings.objects.exists()


def test_mails_can_be_chosen_where_they_are_configured_and_the_account_has_an_address(
    reader, alice, mails_on
):
    assert 'name="mail"' not in reader.get(PAGE).text
    alice.email = "alice@example.org"
    alice.save()
    assert 'name="mail"' in reader.get(PAGE).text
    reader.post(PAGE, {"sound": "on"})
    assert NotificationSettings.objects.get(user=alice).mail is False


def test_the_level_of_a_room_is_listed(reader, alice, kitchen):
    set_for_me(kitchen, by=alice, notify="nothing")
    assert "Nothing: mute this room" in reader.get(PAGE).text


def test_a_muted_room_shows_no_badge(reader, alice, bob, kitchen, say):
    Membership.objects.filter(user=alice, room=kitchen).update(notify="nothing")
    say(kitchen, bob, f"<@{alice.pk}>")
    page = reader.get("/").text
    assert "room-row muted" in page
    assert 'class="mention-count" hidden' in page and 'class="unread-count" hidden' in page


def test_a_script_reads_the_settings_as_json(reader, alice, bob):
    ignore(alice, bob, True)
    NotificationSettings.objects.create(
        user=alice, sound=False, quiet_from=time(22), quiet_until=time(7), zone="UTC"
    )
    answer = reader.get(PAGE, headers={"Accept": "application/json"}).json()
    assert answer == {
        "sound": False,
        "quiet": ["22:00", "07:00"],
        "zone": "UTC",
        "push_key": "",
        "subscribed": False,
        "me": alice.pk,
        "ignored": [bob.pk],
    }
