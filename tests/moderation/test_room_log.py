"""The public log of a room: decisions with time, reason and the moderator's role, but without their name."""

import pytest

from chat.actions import audit, members, rooms
from chat.actions.moderation import hide
from chat.actions.reports import report_message
from chat.actions.sanctions import impose
from chat.client_ip import serving
from chat.models import Membership, Room, Sanction
from chat.views.room_log import PAGE_SIZE

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client, charlie):
    client.force_login(charlie, backend="django.contrib.auth.backends.ModelBackend")
    return client


def open_log(room):
    Room.objects.filter(pk=room.pk).update(has_public_log=True)


def test_people_who_see_the_room_read_what_was_decided_and_why_but_not_by_whom(
    reader, kitchen, alice, bob, mara, say
):
    open_log(kitchen)
    messages = say(kitchen, alice, "insult")
    with serving("203.0.113.9"):
        report_message(messages[0], by=bob, reason="abuse", words="look at this")
        hide(messages, by=bob, reason="Insults")
        impose(Sanction.MUTE, alice, by=mara, room=kitchen, reason="Be kind", note="third time")
        members.add(kitchen, alice, Membership.MODERATOR, by=root())
    page = reader.get("/rooms/kitchen/log/").content.decode()
    shown = page[page.index("<main") :]
    for words in ("Hid a message of Alice", "Insults", "Muted Alice", "Be kind", "Made Alice a moderator"):
        assert words in shown
    for role in ("room moderator", "site moderator", "administrator"):
        assert f"By: {role}" in shown
    for secret in ("Bob", "Mara", "203.0.113.9", "look at this", "third time"):
        assert secret not in shown


def test_there_is_no_log_unless_the_owner_opened_it_and_none_of_a_room_one_cannot_see(reader, kitchen, vault):
    open_log(vault)
    assert reader.get("/rooms/kitchen/log/").status_code == 404
    assert reader.get("/rooms/vault/log/").status_code == 404
    reader.logout()
    assert reader.get("/rooms/kitchen/log/").status_code == 302


def test_the_log_is_paged(reader, kitchen, alice, bob):
    open_log(kitchen)
    hidden = [audit.Decision("hide", bob, alice, kitchen, seq) for seq in range(1, PAGE_SIZE + 3)]
    with audit.together():
        audit.record(hidden)
    first = reader.get("/rooms/kitchen/log/").content.decode()
    assert first.count("Hid a message") == PAGE_SIZE and "?before=3" in first
    second = reader.get("/rooms/kitchen/log/?before=3").content.decode()
    assert second.count("Hid a message") == 2 and "Latest" in second
    assert reader.get("/rooms/kitchen/log/?before=x").status_code == 404


def test_every_change_of_the_room_is_in_words(reader, kitchen, bob):
    open_log(kitchen)
    rooms.update(kitchen, by=root(), topic="Tea", mention_all=Room.NOBODY, shows_joins=False)
    page = reader.get("/rooms/kitchen/log/").content.decode()
    assert "Changed the room: " in page and "who can mention all" in page and "joins and leaves" in page


def root():
    from chat.models import User

    return User.objects.create_superuser("rut")
