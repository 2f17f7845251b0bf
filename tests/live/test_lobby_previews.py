"""Lists of rooms follow the latest message of each room, and what the person chooses for it."""

import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from chat.actions import members
from chat.actions.changes import Delete, Edit
from chat.actions.ignoring import ignore
from chat.actions.messages import Draft, post
from chat.actions.room_settings import order_by_activity, set_for_me
from chat.live.feeds import lobby_room
from chat.models import Membership, Room, User

from .lobby import refresh, watch

pytestmark = pytest.mark.django_db
DEFAULTS = {"notify", "favourite", "position"}  # fields that are left out while nothing was chosen


def say(room, author, text):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), text)])[0].seq


def latest(client):
    """The preview of the latest message in the client's only new event."""
    (event,) = client.received()
    return event.get("last")


def test_a_preview_has_the_author_and_one_line_of_plain_text(feed, alice, bob, kitchen):
    client = watch(feed, alice, "kitchen")
    refresh(feed)
    assert latest(client) is None
    say(kitchen, bob, f"> **Soto**, <@{alice.pk}>?\n\nTonight")
    refresh(feed)
    author = {"id": bob.pk, "name": "Bob", "guest": False}
    assert latest(client) == {"author": author, "text": "Soto, @Alice?"}
    say(kitchen, alice, "word " * 800)
    refresh(feed)
    text = latest(client)["text"]
    assert len(text) <= 120 and text.endswith("…")


def test_a_preview_follows_edits_and_shows_nothing_of_a_hidden_message(feed, alice, bob, kitchen):
    client = watch(feed, alice, "kitchen")
    seq = say(kitchen, alice, "secret")
    refresh(feed)
    assert latest(client)["text"] == "secret"
    post([Edit(kitchen.pk, alice.pk, seq, "public")])
    refresh(feed)
    assert latest(client)["text"] == "public"
    post([Delete(kitchen.pk, bob.pk, seq)])  # bob is a moderator
    refresh(feed)
    assert latest(client) is None


def test_previews_of_ignored_people_are_left_out_for_those_who_ignore_them(feed, alice, bob, kitchen):
    say(kitchen, bob, "hello")
    hers, his = watch(feed, alice, "kitchen"), watch(feed, bob, "kitchen")
    refresh(feed)
    assert latest(hers) and latest(his)
    ignore(alice, bob, True)
    refresh(feed)
    assert latest(hers) is None and his.received() == []


def test_previews_of_private_rooms_reach_members_only(feed, alice, bob, charlie, vault):
    say(vault, bob, "hidden from others")
    member, outsider = watch(feed, alice, "vault"), watch(feed, charlie, "vault")
    refresh(feed)
    assert latest(member)["text"] == "hidden from others"
    assert [(event["gone"], "last" in event) for event in outsider.received()] == [(True, False)]


def test_a_preview_is_encoded_once_for_all_people_without_choices_of_their_own(
    feed, alice, bob, kitchen, monkeypatch
):
    encoded, encode = [], lobby_room.frames.encode
    monkeypatch.setattr(lobby_room.frames, "encode", lambda event: encoded.append(event) or encode(event))
    clients = [watch(feed, user, "kitchen") for user in (alice, bob) for _ in range(20)]
    say(kitchen, alice, "hello")
    Membership.objects.update(last_read=1)
    refresh(feed)
    assert len(encoded) == 1 and all(latest(client) for client in clients)


def test_choices_reach_the_persons_screens_and_nobody_elses(feed, alice, bob, kitchen):
    first, second, other = (watch(feed, user, "kitchen") for user in (alice, alice, bob))
    refresh(feed)
    assert all(event["member"] and not DEFAULTS & event.keys() for event in first.received())
    second.received(), other.received()
    Membership.objects.update(changed_at=Now() - timedelta(minutes=1))
    set_for_me(kitchen, by=alice, notify="nothing", favourite=True, position=1)
    refresh(feed)
    for client in (first, second):
        (event,) = client.received()
        assert (event["notify"], event["favourite"], event["position"]) == ("nothing", True, 1)
    order_by_activity(by=alice)
    set_for_me(kitchen, by=alice, notify="", favourite=False)
    refresh(feed)
    assert not DEFAULTS & first.received()[0].keys()
    assert other.received() == []


def test_an_event_says_whether_the_user_is_a_member(feed, charlie, kitchen):
    client = watch(feed, charlie, "kitchen", newest=kitchen.pk)
    refresh(feed)
    assert client.received()[0]["member"] is False
    members.enter(kitchen, charlie)
    refresh(feed)
    assert client.received()[0]["member"] is True


def test_a_direct_conversation_is_sent_to_its_members_only(feed, alice, charlie):
    room = Room.objects.create(slug="d-1", name="d-1", kind=Room.DIRECT)
    client = watch(feed, charlie, "d-1", newest=0)
    Membership.objects.create(room=room, user=User.objects.get(pk=alice.pk))
    refresh(feed)
    assert all(event["gone"] for event in client.received())
