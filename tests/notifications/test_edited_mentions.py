"""A mention that an edit adds notifies the person: once, and nobody who was mentioned before."""

import pytest

from chat.actions.changes import Edit
from chat.actions.ignoring import ignore
from chat.actions.messages import post
from chat.actions.reading import mark_read
from chat.actions.room_settings import set_for_me
from chat.models import Membership, NoticeCursor, Room

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("from_now_on")]


@pytest.fixture
def edit(kitchen, bob):
    """Bob edits one of his messages."""

    def edit(message, text):
        (changed,) = post([Edit(kitchen.pk, bob.pk, message.seq, text)])
        assert changed.text == text

    return edit


@pytest.fixture
def hello(kitchen, bob, say, told, later):
    """A message of Bob that notified nobody, a minute old."""
    message = say(kitchen, bob, "Hello")
    assert told() == []
    later(seconds=60)
    told()
    return message


def test_a_mention_that_an_edit_adds_notifies_once(alices_browser, alice, kitchen, hello, edit, told):
    edit(hello, f"Hello <@{alice.pk}>")
    assert told() == ["Bob: Hello @Alice"]
    assert Room.objects.filter(pk=kitchen.pk).listed_for(alice)[0].mentions == 1
    edit(hello, f"Hello <@{alice.pk}>!")
    told()
    assert len(told()) == 1


def test_an_added_mention_of_all_notifies(alices_browser, kitchen, hello, edit, told):
    edit(hello, "Hello <@all>")
    assert told() == ["Bob: Hello @all"]


def test_two_edits_in_one_look_notify_once(alices_browser, alice, hello, edit, told):
    edit(hello, f"Helo <@{alice.pk}>")
    edit(hello, f"Hello <@{alice.pk}>")
    assert told() == ["Bob: Hello @Alice"]
    assert len(told()) == 1


def test_a_person_who_was_mentioned_before_is_not_told_of_an_edit(
    alices_browser, alice, bob, kitchen, say, edit, told, later
):
    set_for_me(kitchen, by=alice, notify=Membership.NOTHING)
    message = say(kitchen, bob, f"Hello <@{alice.pk}>")
    later(seconds=60)
    assert told() == []
    set_for_me(kitchen, by=alice, notify=Membership.MENTIONS)
    edit(message, f"Hello <@{alice.pk}> and <@all>")
    assert told() == []


def test_an_added_mention_that_another_edit_removes_notifies_nobody(alices_browser, alice, hello, edit, told):
    edit(hello, f"Hello <@{alice.pk}>")
    edit(hello, "Hello")
    assert told() == []


def test_an_edit_of_a_message_that_was_read_notifies_nobody(
    alices_browser, alice, kitchen, hello, edit, told
):
    mark_read({(kitchen.pk, alice.pk): hello.seq})
    edit(hello, f"Hello <@{alice.pk}>")
    assert told() == []


def test_an_edit_by_an_ignored_person_notifies_nobody(alices_browser, alice, bob, hello, edit, told):
    ignore(alice, bob, True)
    edit(hello, f"Hello <@{alice.pk}> and <@all>")
    assert told() == []


def test_a_person_who_is_told_of_all_messages_is_not_told_of_an_edit(
    alices_browser, alice, bob, kitchen, say, edit, told
):
    set_for_me(kitchen, by=alice, notify=Membership.ALL)
    message = say(kitchen, bob, "Hello")
    assert told() == ["Bob: Hello"]
    edit(message, f"Hello <@{alice.pk}>")
    assert len(told()) == 1


def test_a_new_message_beside_the_edit_is_told_with_it(
    alices_browser, alice, bob, kitchen, say, hello, edit, told, push_service
):
    edit(hello, f"Hello <@{alice.pk}>")
    say(kitchen, bob, f"Tea <@{alice.pk}>?")
    assert told() == ["2 new messages, the latest from Bob: Tea @Alice?"]


def test_edits_from_before_the_upgrade_are_no_news(alices_browser, alice, hello, edit, told):
    edit(hello, f"Hello <@{alice.pk}>")
    NoticeCursor.objects.update(version=None)
    assert told() == []
