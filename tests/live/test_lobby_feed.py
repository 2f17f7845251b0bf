"""The lobby feed: one snapshot for all clients. A client that fails does not affect the others."""

import uuid

import pytest

from chat.actions import members
from chat.actions.reading import mark_read
from chat.live import database
from chat.live.feeds import lobby_room, lobby_watchers
from chat.live.feeds.lobby_queries import read_snapshot
from chat.live.feeds.lobby_snapshot import COUNT_TURNS, EMPTY, Watched
from chat.models import FormerSlug, Membership, Presence, Room, User

from .lobby import post_messages, refresh, watch

pytestmark = pytest.mark.django_db
QUERIES_AT_FIRST = 3  # rooms, people, and the marks of all users
QUERIES_WHEN_QUIET = 4  # rooms, people, changed users, and the marks of those who are due
QUERIES_WITH_MESSAGES = 5  # and the latest messages of the rooms with new ones


def test_a_client_gets_the_rooms_of_its_list_and_only_their_changes(feed, alice, bob, kitchen, vault):
    client = watch(feed, alice, "kitchen", "nowhere")
    refresh(feed)
    first = {event["slug"]: event for event in client.received()}
    assert first["kitchen"]["name"] == "Kitchen" and first["nowhere"]["gone"]
    post_messages(kitchen, bob, 3)
    post_messages(vault, bob)
    refresh(feed)
    (event,) = client.received()
    assert (event["slug"], event["head"], event["unread"], bool(event["last_at"])) == ("kitchen", 3, 3, True)
    mark_read({(kitchen.pk, alice.pk): 2})
    refresh(feed)
    assert [event["unread"] for event in client.received()] == [1]
    refresh(feed)
    assert client.received() == []


def test_the_unread_count_stops_at_a_hundred_and_is_zero_for_outsiders(feed, alice, bob, charlie, kitchen):
    member, outsider = watch(feed, alice, "kitchen"), watch(feed, charlie, "kitchen")
    post_messages(kitchen, bob, 150)
    refresh(feed)
    assert [client.received()[0]["unread"] for client in (member, outsider)] == [100, 0]


def test_only_members_see_a_private_room(feed, alice, charlie, vault):
    member, outsider = watch(feed, alice, "vault"), watch(feed, charlie, "vault")
    refresh(feed)
    assert "gone" not in member.received()[0]
    assert outsider.received() == [
        {"type": "room", "slug": "vault", "name": "", "topic": "", "kind": "", "gone": True}
    ]
    members.remove(vault, alice, by=alice)
    refresh(feed)
    assert [event["gone"] for event in member.received()] == [True]
    Room.objects.filter(pk=vault.pk).update(name="Secret")
    refresh(feed)
    assert member.received() == outsider.received() == []


def test_an_event_of_a_room_with_a_new_slug_has_the_former_slug(feed, alice, kitchen):
    client = watch(feed, alice, "kitchen")
    refresh(feed)
    client.received()
    for slug, former in (("kitchen-x", "kitchen"), ("kitchen-y", "kitchen-x")):
        Room.objects.filter(pk=kitchen.pk).update(slug=slug, kind=Room.PRIVATE)
        refresh(feed)
        (event,) = client.received()
        assert (event["slug"], event["former"]) == (slug, former)


def test_a_client_that_lists_a_former_slug_gets_the_room_if_it_may_see_it(feed, alice, charlie, kitchen):
    Room.objects.filter(pk=kitchen.pk).update(slug="kitchen-x", kind=Room.PRIVATE)
    FormerSlug.objects.create(room=kitchen, slug="kitchen")
    member, outsider = watch(feed, alice, "kitchen"), watch(feed, charlie, "kitchen")
    refresh(feed)
    (event,) = member.received()
    assert (event["slug"], event["former"]) == ("kitchen-x", "kitchen")
    assert [event["gone"] for event in outsider.received()] == [True]
    Room.objects.create(slug="kitchen", name="Another kitchen")
    latecomer = watch(feed, alice, "kitchen")
    refresh(feed)
    assert [event["name"] for event in latecomer.received()] == ["Another kitchen"]


def test_only_clients_that_ask_for_new_rooms_get_them(feed, alice, charlie, kitchen, vault):
    first_page = watch(feed, charlie, "kitchen", newest=kitchen.pk)
    second_page = watch(feed, charlie, "kitchen")
    refresh(feed)
    first_page.received(), second_page.received()
    attic = Room.objects.create(slug="attic", name="Attic")
    Room.objects.create(slug="cellar", name="Cellar", kind=Room.PRIVATE)
    refresh(feed)
    assert [event["slug"] for event in first_page.received()] == ["attic"]
    Membership.objects.create(room=vault, user=charlie)
    refresh(feed)
    refresh(feed)
    assert [event["slug"] for event in first_page.received()] == ["vault"]
    assert second_page.received() == []
    late = watch(feed, alice, "kitchen", newest=vault.pk)
    refresh(feed)
    assert {event["slug"] for event in late.received()} == {"kitchen", "attic"}
    attic.delete()
    refresh(feed)
    assert [(event["slug"], event["gone"]) for event in first_page.received()] == [("attic", True)]


def test_the_number_of_rooms_of_a_client_is_bounded(feed, alice, kitchen, monkeypatch):
    monkeypatch.setattr(lobby_watchers, "MAX_LISTED", 3)
    client = watch(feed, alice, "kitchen", newest=kitchen.pk)
    refresh(feed)
    client.received()
    for number in range(5):
        Room.objects.create(slug=f"room-{number}", name=f"Room {number}")
        refresh(feed)
    assert len(client.received()) == 2


def test_a_congested_client_gets_the_latest_state_after_its_backlog_is_sent(feed, alice, bob, kitchen):
    client = watch(feed, alice, "kitchen", newest=kitchen.pk)
    refresh(feed)
    client.received()
    client.is_congested = True
    Room.objects.create(slug="attic", name="Attic")
    for _ in range(3):
        post_messages(kitchen, bob)
        refresh(feed)
    assert client.received() == []
    client.is_congested = False
    refresh(feed)
    assert {event["slug"]: event["head"] for event in client.received()} == {"kitchen": 3, "attic": 0}


def test_a_client_that_leaves_during_the_snapshot_is_not_added_again(feed, alice, kitchen, monkeypatch):
    client = watch(feed, alice, "kitchen")

    async def run(executor, work, *args):
        feed.leave(client)
        return work(*args)

    monkeypatch.setattr(database, "run", run)
    refresh(feed)
    assert not feed._watchers and client.events == []


def test_a_room_list_that_is_replaced_during_the_snapshot_is_used_by_the_next_one(
    feed, alice, kitchen, vault, monkeypatch
):
    client, run = watch(feed, alice, "kitchen"), database.run

    async def replace_list(executor, work, *args):
        feed.watch(client, alice.pk, ["vault"], None)
        return work(*args)

    monkeypatch.setattr(database, "run", replace_list)
    refresh(feed)
    assert client.received() == []
    monkeypatch.setattr(database, "run", run)
    refresh(feed)
    assert [event["slug"] for event in client.received()] == ["vault"]


def test_a_deleted_user_and_a_failing_client_do_not_affect_the_others(feed, alice, bob, charlie, kitchen):
    deleted, broken, working = (watch(feed, user, "kitchen") for user in (charlie, alice, bob))

    def fail(frame):
        raise RuntimeError("broken")

    broken.deliver = fail
    User.objects.filter(pk=charlie.pk).delete()
    refresh(feed)
    assert (broken.code, working.code, deleted.code) == (4012, None, None)
    assert working.received() and {watcher.client for watcher in feed._watchers} == {deleted, working}
    post_messages(kitchen, bob)
    refresh(feed)
    assert [event["head"] for event in working.received()] == [1]


@pytest.mark.parametrize("count", [1, 60])
def test_a_snapshot_takes_the_same_queries_for_any_number_of_clients_and_rooms(
    feed, alice, bob, kitchen, django_assert_num_queries, count
):
    rooms = [Room.objects.create(slug=f"room-{n}", name=f"Room {n}") for n in range(count)]
    for number in range(count):
        user = User.objects.create(username=f"u{number}", name=f"U{number}")
        Membership.objects.create(room=rooms[number], user=user)
        Presence.objects.create(room=rooms[number], user=user, process=uuid.uuid4())
        watch(feed, user, *(room.slug for room in rooms), newest=0)
    with django_assert_num_queries(QUERIES_AT_FIRST):
        refresh(feed)
    with django_assert_num_queries(QUERIES_WHEN_QUIET):
        refresh(feed)
    for room in rooms:
        post_messages(room, bob)
    with django_assert_num_queries(QUERIES_WITH_MESSAGES):
        refresh(feed)


def test_people_are_counted_after_a_hint_and_without_one_within_five_updates(feed, alice, bob, kitchen):
    client = watch(feed, alice, "kitchen")
    refresh(feed)
    assert [event["people"] for event in client.received()] == [0]
    for user in (alice, bob):
        Presence.objects.create(room=kitchen, user=user, process=uuid.uuid4())
    feed.count_again({kitchen.pk})
    refresh(feed)
    assert [event["people"] for event in client.received()] == [2]
    Presence.objects.filter(user=bob).delete()
    for _ in range(COUNT_TURNS):
        refresh(feed)
    assert [event["people"] for event in client.received()] == [1]


def test_an_event_is_encoded_once_for_all_clients_that_get_the_same_one(
    feed, alice, bob, kitchen, monkeypatch
):
    encoded = []
    encode = lobby_room.frames.encode
    monkeypatch.setattr(lobby_room.frames, "encode", lambda event: encoded.append(event) or encode(event))
    clients = [watch(feed, user, "kitchen") for user in (alice, bob) for _ in range(20)]
    refresh(feed)
    assert len(encoded) == 1
    assert all(client.received() for client in clients)


def test_a_snapshot_reuses_the_unchanged_rooms_of_the_previous_one(alice, kitchen, vault):
    watched = Watched([kitchen.pk, vault.pk], [], [alice.pk], [alice.pk])
    before = read_snapshot(watched, EMPTY)
    post_messages(kitchen, alice)
    now = read_snapshot(watched, before)
    assert now.rooms[vault.pk] is before.rooms[vault.pk]
    assert now.changed_rooms(before) == {kitchen.pk}
