"""The lobby feed serves the clients whom a change concerns, and reads marks only of users with a change."""

import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from chat.actions import members
from chat.actions.ignoring import ignore
from chat.actions.messages import Draft, post
from chat.actions.reading import mark_read
from chat.live.feeds import lobby_queries
from chat.live.feeds.lobby_feed import SWEEP, LobbyFeed
from chat.models import Membership, Room, User

from .lobby import Client, post_messages, refresh, watch

pytestmark = pytest.mark.django_db


def age(**filters):
    """Make changes of memberships older than those that an update reads."""
    Membership.objects.filter(**filters).update(changed_at=Now() - timedelta(minutes=1))


@pytest.fixture
def reads(monkeypatch):
    """The ids of the users whose marks each update reads."""
    read, found = lobby_queries.read_marks, []

    def read_marks(watched, due, before):
        found.append(set(due))
        return read(watched, due, before)

    monkeypatch.setattr(lobby_queries, "read_marks", read_marks)
    return found


def test_a_client_beside_a_room_gets_rooms_that_its_user_joins_but_no_others(
    feed, alice, bob, charlie, kitchen, vault
):
    client = Client()
    feed.watch(client, charlie.pk, ["kitchen"], None, adds_joined=True)
    refresh(feed)
    client.received()
    attic = Room.objects.create(slug="attic", name="Attic")
    Room.objects.create(slug="cellar", name="Cellar")
    members.enter(attic, charlie)
    Membership.objects.create(room=vault, user=charlie)
    refresh(feed)
    refresh(feed)
    assert {event["slug"] for event in client.received()} == {"attic", "vault"}
    post_messages(attic, bob, 2)
    refresh(feed)
    assert [(event["slug"], event["unread"]) for event in client.received()] == [("attic", 2)]


def test_the_own_rooms_that_a_page_did_not_list_stay_out_of_it(feed, alice, bob, kitchen, vault):
    client = Client()
    feed.watch(client, alice.pk, ["kitchen"], None, adds_joined=True)
    refresh(feed)
    client.received()
    post_messages(vault, bob)
    mark_read({(vault.pk, alice.pk): 1})
    refresh(feed)
    refresh(feed)
    assert client.received() == []


def test_a_client_that_was_congested_still_gets_the_rooms_that_its_user_joined(feed, alice, charlie, kitchen):
    client = Client()
    feed.watch(client, charlie.pk, ["kitchen"], None, adds_joined=True)
    refresh(feed)
    client.received()
    client.is_congested = True
    members.enter(Room.objects.create(slug="attic", name="Attic"), charlie)
    refresh(feed)
    age()
    client.is_congested = False
    refresh(feed)
    refresh(feed)
    assert [event["slug"] for event in client.received()] == ["attic"]


def test_marks_are_read_of_users_with_a_change_and_of_a_part_of_the_others(
    feed, reads, alice, bob, kitchen, django_assert_max_num_queries
):
    users = [User.objects.create(username=f"u{n}", name=f"U{n}") for n in range(2 * SWEEP)]
    Membership.objects.bulk_create(Membership(room=kitchen, user=user) for user in users)
    age()
    for user in users:
        watch(feed, user, "kitchen")
    refresh(feed)
    assert len(reads.pop()) == len(users)
    for _ in range(SWEEP):
        refresh(feed)
    assert sorted(id for read in reads for id in read) == [user.pk for user in users], "once each"
    post_messages(kitchen, bob)
    reads.clear()
    mark_read({(kitchen.pk, users[5].pk): 1})
    refresh(feed)
    assert users[5].pk in reads[0] and len(reads[0]) <= 2 + 1


def test_a_removal_that_left_no_trace_is_found_by_the_sweep(feed, alice, vault):
    client = watch(feed, alice, "vault")
    refresh(feed)
    client.received()
    Membership.objects.filter(user=alice).delete()
    for _ in range(SWEEP):
        refresh(feed)
    assert [event["gone"] for event in client.received()] == [True]


def test_an_update_serves_only_the_clients_whom_a_change_concerns(
    feed, alice, bob, kitchen, vault, monkeypatch
):
    hers, his = watch(feed, alice, "kitchen"), watch(feed, bob, "vault")
    refresh(feed)
    served = []
    monkeypatch.setattr(LobbyFeed, "_send", lambda self, watcher, *rest: served.append(watcher.client))
    Room.objects.filter(pk=vault.pk).update(topic="Gold")
    refresh(feed)
    assert served == [his] and hers not in served


def test_a_mention_of_all_by_somebody_whom_the_reader_ignores_does_not_count(
    feed, alice, bob, charlie, kitchen
):
    Membership.objects.create(room=kitchen, user=charlie)
    ignore(alice, bob, True)
    hers, charlies = watch(feed, alice, "kitchen"), watch(feed, charlie, "kitchen")
    refresh(feed)
    post([Draft(kitchen.pk, bob.pk, uuid.uuid4(), "<@all> tea")])
    refresh(feed)
    assert [client.received()[-1]["mentions"] for client in (hers, charlies)] == [0, 1]
    ignore(alice, bob, False)
    refresh(feed)
    assert hers.received()[-1]["mentions"] == 1


def test_a_client_that_leaves_is_forgotten(feed, alice, kitchen):
    client = watch(feed, alice, "kitchen")
    refresh(feed)
    feed.leave(client)
    assert not feed._watchers and not feed._watchers.rooms() and not feed._watchers.users()
