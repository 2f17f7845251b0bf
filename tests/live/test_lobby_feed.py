"""The live lobby: one snapshot for all watchers, and one watcher's trouble is nobody else's."""

import json
import uuid
from contextlib import suppress

import pytest

from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read
from chat.live import database
from chat.live.feeds import lobby_changes, lobby_snapshot
from chat.live.feeds.lobby_feed import LobbyFeed
from chat.live.feeds.lobby_queries import read_snapshot
from chat.live.feeds.lobby_snapshot import EMPTY, Watched
from chat.models import Membership, Presence, Room, User

pytestmark = pytest.mark.django_db
QUERIES_WHEN_QUIET = 3  # rooms, people, memberships
QUERIES_WITH_TALK = 4  # and the latest messages of the rooms with talk


class Client:
    def __init__(self):
        self.events, self.code, self.is_congested = [], None, False

    def deliver(self, frame):
        self.events += json.loads(frame.text)
        return True

    def end(self, code):
        self.code = code

    def heard(self):
        events, self.events = self.events, []
        return events


@pytest.fixture
def feed(monkeypatch):
    async def run(executor, work, *args):
        return work(*args)

    monkeypatch.setattr(database, "run", run)
    return LobbyFeed()


def look(feed):
    """Without an event loop: there Django would open a connection outside of the test's transaction."""
    looking = feed.update()
    with suppress(StopIteration):
        while True:
            looking.send(None)


def say(room, author, count=1):
    return post([Draft(room.pk, author.pk, uuid.uuid4(), f"line {n}") for n in range(count)])[-1].seq


def watcher(feed, user, *slugs, newest=None):
    client = Client()
    feed.watch(client, user.pk, slugs, newest)
    return client


def test_a_watcher_is_told_of_the_rooms_it_lists_and_of_their_changes_alone(feed, alice, bob, kitchen, vault):
    client = watcher(feed, alice, "kitchen", "nowhere")
    look(feed)
    first = {event["slug"]: event for event in client.heard()}
    assert first["kitchen"]["name"] == "Kitchen" and first["nowhere"]["gone"]
    say(kitchen, bob, 3)
    say(vault, bob)
    look(feed)
    (event,) = client.heard()
    assert (event["slug"], event["head"], event["unread"], bool(event["last_at"])) == ("kitchen", 3, 3, True)
    mark_read({(kitchen.pk, alice.pk): 2})
    look(feed)
    assert [event["unread"] for event in client.heard()] == [1]
    look(feed)
    assert client.heard() == []


def test_unread_counts_at_most_a_hundred_and_nothing_for_a_stranger(feed, alice, bob, charlie, kitchen):
    member, stranger = watcher(feed, alice, "kitchen"), watcher(feed, charlie, "kitchen")
    say(kitchen, bob, 150)
    look(feed)
    assert [client.heard()[0]["unread"] for client in (member, stranger)] == [100, 0]


def test_a_private_room_is_told_to_its_members_only(feed, alice, charlie, vault):
    member, stranger = watcher(feed, alice, "vault"), watcher(feed, charlie, "vault")
    look(feed)
    assert "gone" not in member.heard()[0]
    assert stranger.heard() == [
        {"type": "room", "slug": "vault", "name": "", "topic": "", "kind": "", "gone": True}
    ]
    Membership.objects.filter(user=alice).delete()
    look(feed)
    assert [event["gone"] for event in member.heard()] == [True]
    Room.objects.filter(pk=vault.pk).update(name="Secret")
    look(feed)
    assert member.heard() == stranger.heard() == []


def test_a_room_with_a_new_address_is_told_with_the_former_one(feed, alice, kitchen):
    client = watcher(feed, alice, "kitchen")
    look(feed)
    client.heard()
    for slug, former in (("kitchen-x", "kitchen"), ("kitchen-y", "kitchen-x")):
        Room.objects.filter(pk=kitchen.pk).update(slug=slug, kind=Room.PRIVATE)
        look(feed)
        (event,) = client.heard()
        assert (event["slug"], event["former"]) == (slug, former)


def test_a_new_room_is_told_to_pages_that_show_new_rooms(feed, alice, charlie, kitchen, vault):
    first_page = watcher(feed, charlie, "kitchen", newest=kitchen.pk)
    second_page = watcher(feed, charlie, "kitchen")
    look(feed)
    first_page.heard(), second_page.heard()
    attic = Room.objects.create(slug="attic", name="Attic")
    Room.objects.create(slug="cellar", name="Cellar", kind=Room.PRIVATE)
    look(feed)
    assert [event["slug"] for event in first_page.heard()] == ["attic"]
    Membership.objects.create(room=vault, user=charlie)
    look(feed)
    look(feed)
    assert [event["slug"] for event in first_page.heard()] == ["vault"]
    assert second_page.heard() == []
    late = watcher(feed, alice, "kitchen", newest=vault.pk)
    look(feed)
    assert {event["slug"] for event in late.heard()} == {"kitchen", "attic"}
    attic.delete()
    look(feed)
    assert [(event["slug"], event["gone"]) for event in first_page.heard()] == [("attic", True)]


def test_a_watcher_never_lists_more_rooms_than_the_bound(feed, alice, kitchen, monkeypatch):
    monkeypatch.setattr(lobby_changes, "MAX_LISTED", 3)
    client = watcher(feed, alice, "kitchen", newest=kitchen.pk)
    look(feed)
    client.heard()
    for number in range(5):
        Room.objects.create(slug=f"room-{number}", name=f"Room {number}")
        look(feed)
    assert len(client.heard()) == 2


def test_a_client_with_too_much_unsent_data_is_told_the_latest_state_later(feed, alice, bob, kitchen):
    client = watcher(feed, alice, "kitchen", newest=kitchen.pk)
    look(feed)
    client.heard()
    client.is_congested = True
    Room.objects.create(slug="attic", name="Attic")
    for _ in range(3):
        say(kitchen, bob)
        look(feed)
    assert client.heard() == []
    client.is_congested = False
    look(feed)
    assert {event["slug"]: event["head"] for event in client.heard()} == {"kitchen": 3, "attic": 0}


def test_a_client_that_leaves_during_the_snapshot_is_not_watched_again(feed, alice, kitchen, monkeypatch):
    client = watcher(feed, alice, "kitchen")

    async def run(executor, work, *args):
        feed.leave(client)
        return work(*args)

    monkeypatch.setattr(database, "run", run)
    look(feed)
    assert feed._watchers == {} and client.events == []


def test_a_list_that_is_replaced_during_the_snapshot_is_answered_by_the_next_one(
    feed, alice, kitchen, vault, monkeypatch
):
    client, run = watcher(feed, alice, "kitchen"), database.run

    async def meanwhile(executor, work, *args):
        feed.watch(client, alice.pk, ["vault"], None)
        return work(*args)

    monkeypatch.setattr(database, "run", meanwhile)
    look(feed)
    assert client.heard() == []
    monkeypatch.setattr(database, "run", run)
    look(feed)
    assert [event["slug"] for event in client.heard()] == ["vault"]


def test_a_deleted_user_and_a_client_that_fails_leave_the_others_alone(feed, alice, bob, charlie, kitchen):
    deleted, broken, well = (watcher(feed, user, "kitchen") for user in (charlie, alice, bob))

    def fail(frame):
        raise RuntimeError("broken")

    broken.deliver = fail
    User.objects.filter(pk=charlie.pk).delete()
    look(feed)
    assert (broken.code, well.code, deleted.code) == (4012, None, None)
    assert well.heard() and set(feed._watchers) == {deleted, well}
    say(kitchen, bob)
    look(feed)
    assert [event["head"] for event in well.heard()] == [1]


@pytest.mark.parametrize("many", [1, 60])
def test_a_look_takes_the_same_queries_for_any_number_of_watchers_and_rooms(
    feed, alice, bob, kitchen, django_assert_num_queries, many
):
    rooms = [Room.objects.create(slug=f"room-{n}", name=f"Room {n}") for n in range(many)]
    for number in range(many):
        user = User.objects.create(username=f"u{number}", name=f"U{number}")
        Membership.objects.create(room=rooms[number], user=user)
        Presence.objects.create(room=rooms[number], user=user, process=uuid.uuid4())
        watcher(feed, user, *(room.slug for room in rooms), newest=0)
    with django_assert_num_queries(QUERIES_WHEN_QUIET):
        look(feed)
    with django_assert_num_queries(QUERIES_WHEN_QUIET):
        look(feed)
    for room in rooms:
        say(room, bob)
    with django_assert_num_queries(QUERIES_WITH_TALK):
        look(feed)


def test_an_event_is_encoded_once_for_all_who_see_a_room_the_same_way(feed, alice, bob, kitchen, monkeypatch):
    encoded = []
    encode = lobby_snapshot.frames.encode
    monkeypatch.setattr(lobby_snapshot.frames, "encode", lambda event: encoded.append(event) or encode(event))
    clients = [watcher(feed, user, "kitchen") for user in (alice, bob) for _ in range(20)]
    look(feed)
    assert len(encoded) == 1
    assert all(client.heard() for client in clients)


def test_rooms_that_did_not_change_are_taken_over_from_the_last_snapshot(alice, kitchen, vault):
    watched = Watched([kitchen.pk, vault.pk], [], [alice.pk])
    before = read_snapshot(watched, EMPTY)
    say(kitchen, alice)
    now = read_snapshot(watched, before)
    assert now.rooms[vault.pk] is before.rooms[vault.pk]
    assert now.changed_rooms(before) == {kitchen.pk}
