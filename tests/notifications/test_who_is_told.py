"""Which messages a member is told of by push."""

import pytest
from django.utils import timezone

from chat.actions import sanctions
from chat.actions.changes import Delete
from chat.actions.ignoring import ignore
from chat.actions.messages import post
from chat.actions.reading import mark_read
from chat.actions.room_settings import set_for_me
from chat.models import Membership, Room, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("from_now_on")]


LEVELS = {  # (level, kind of the room, text) → is told
    ("", "public", "Hello"): False,
    ("", "public", "Hello <@alice>"): True,
    ("", "public", "Hello <@all>"): True,
    ("mentions", "private", "Hello"): False,
    ("mentions", "private", "Hello <@alice>"): True,
    ("all", "private", "Hello"): True,
    ("nothing", "public", "Hello <@alice>"): False,
    ("nothing", "public", "Hello <@all>"): False,
    ("", "direct", "Hello"): True,
    ("mentions", "direct", "Hello"): False,
    ("nothing", "direct", "Hello"): False,
}


@pytest.mark.parametrize(("case", "is_told"), LEVELS.items(), ids=str)
def test_the_level_of_the_room_decides(case, is_told, alices_browser, alice, bob, kitchen, say, told):
    level, kind, text = case
    set_for_me(kitchen, by=alice, notify=level)
    say(kitchen, bob, text.replace("<@alice>", f"<@{alice.pk}>"))
    Room.objects.filter(pk=kitchen.pk).update(kind=kind)
    assert bool(told()) == is_told


def test_a_push_has_the_author_the_text_and_the_address_of_the_message(
    alices_browser, alice, bob, kitchen, say, told, push_service
):
    message = say(kitchen, bob, f"*Tea*, <@{alice.pk}>?")
    told()
    (push,) = push_service.received
    assert push.browser is alices_browser
    assert push.content == {
        "title": "Kitchen",
        "body": "Bob: Tea, @Alice?",
        "url": f"/rooms/kitchen/{message.seq}/",
        "tag": "room kitchen",
        "seq": message.seq,
    }


def test_nobody_is_told_of_their_own_message(alices_browser, alice, kitchen, say, told):
    set_for_me(kitchen, by=alice, notify=Membership.ALL)
    say(kitchen, alice, "I said <@all>")
    assert told() == []


def test_nobody_is_told_of_a_person_whom_they_ignore(alices_browser, alice, bob, kitchen, say, told):
    set_for_me(kitchen, by=alice, notify=Membership.ALL)
    ignore(alice, bob, True)
    say(kitchen, bob, "Hello")
    assert told() == []


def test_nobody_is_told_of_what_they_have_read_or_of_what_was_deleted(
    alices_browser, alice, bob, kitchen, say, told
):
    first = say(kitchen, bob, f"One <@{alice.pk}>")
    second = say(kitchen, bob, f"Two <@{alice.pk}>")
    mark_read({(kitchen.pk, alice.pk): first.seq})
    post([Delete(kitchen.pk, bob.pk, second.seq)])
    assert told() == []


def test_a_message_that_is_read_while_its_push_waits_is_not_pushed(
    alices_browser, alice, bob, kitchen, say, told, later, push_service, work
):
    from chat.actions.notices import new

    message = say(kitchen, bob, f"One <@{alice.pk}>")
    later(seconds=10)
    new.look()
    mark_read({(kitchen.pk, alice.pk): message.seq})
    work()
    assert push_service.received == []
    say(kitchen, bob, f"Two <@{alice.pk}>")
    assert told() == [f"Bob: Two @{alice.name}"]


def test_a_message_of_this_moment_waits_until_open_pages_had_time_to_read_it(
    alices_browser, alice, bob, kitchen, say, work, push_service
):
    say(kitchen, bob, f"One <@{alice.pk}>")
    work()
    assert push_service.received == []


def test_people_who_were_banned_deactivated_or_left_are_told_nothing(
    subscribe, alice, bob, kitchen, say, told
):
    people = {name: User.objects.create_user(name, name=name.title()) for name in ("ani", "budi", "citra")}
    for person in people.values():
        Membership.objects.create(room=kitchen, user=person, notify=Membership.ALL)
        subscribe(person)
    say(kitchen, alice, "Hello <@all>", "Again")
    Membership.objects.filter(room=kitchen, user=bob).update(role=Membership.OWNER)
    sanctions.impose("ban", people["ani"], by=bob, room=kitchen, reason="Spam")
    User.objects.filter(pk=people["budi"].pk).update(is_active=False)
    Membership.objects.filter(user=people["citra"]).delete()
    assert told() == []


def test_a_deleted_room_tells_nothing(alices_browser, alice, bob, kitchen, say, told):
    say(kitchen, bob, f"One <@{alice.pk}>")
    Room.objects.filter(pk=kitchen.pk).update(deleted_at=timezone.now())
    assert told() == []


def test_a_worker_that_was_down_for_days_tells_nothing_about_them(
    alices_browser, alice, bob, kitchen, say, told, later
):
    say(kitchen, bob, f"One <@{alice.pk}>")
    later(days=2)
    assert told() == []
    say(kitchen, bob, f"Two <@{alice.pk}>")
    assert told() == ["Bob: Two @Alice"]


def test_messages_from_before_the_first_look_are_no_news(alices_browser, alice, bob, kitchen, say, told):
    from chat.actions.notices import new
    from chat.models import NoticeCursor

    NoticeCursor.objects.all().delete()
    say(kitchen, bob, f"One <@{alice.pk}>")
    new.start()
    assert told() == []
