"""Unread messages of direct conversations count as mentions, in pages and live, and titles follow names."""

import re

import pytest

from chat import frames
from chat.actions import ignoring
from chat.actions.direct import open_direct
from chat.actions.reading import mark_read
from chat.models import Membership, Room, titles
from tests.live.conftest import feed as feed
from tests.live.lobby import refresh, watch

pytestmark = pytest.mark.django_db


def listed(room, user):
    found = Room.objects.listed_for(user).get(pk=room.pk)
    return found.unread, found.mentions


def last(client, slug):
    return [event for event in client.received() if event["slug"] == slug][-1]


def test_each_unread_message_counts_once_also_if_it_mentions(pair, alice, bob, say, feed):
    say(pair, bob, "One", f"<@{alice.pk}> two", "<@all> three")
    assert listed(pair, alice) == (3, 3)
    client = watch(feed, alice, pair.slug)
    refresh(feed)
    event = last(client, pair.slug)
    assert (event["kind"], event["name"], event["unread"], event["mentions"]) == ("direct", "Bob", 3, 3)
    mark_read({(pair.pk, alice.pk): 2})
    refresh(feed)
    assert last(client, pair.slug)["mentions"] == 1 and listed(pair, alice) == (1, 1)


def test_a_conversation_in_which_one_ignores_all_others_has_no_badge(pair, alice, bob, say, feed):
    say(pair, bob, "One")
    ignoring.ignore(alice, bob, True)
    assert listed(pair, alice) == (1, 0)
    client = watch(feed, alice, pair.slug)
    refresh(feed)
    assert last(client, pair.slug)["mentions"] == 0


def test_the_totals_of_the_pages_have_them(pair, kitchen, alice, bob, say, log_in):
    say(pair, bob, "One", "Two")
    say(kitchen, bob, f"<@{alice.pk}>")
    for page in ("/", "/rooms/kitchen/"):
        text = log_in(alice).get(page).content.decode()
        total = re.search(r'data-mentions-total>\s*<span class="count">(\d+)', text)
        assert total and total[1] == "3", page
        assert re.search(r'(?s)data-section="direct".*<li class="room-row unread mentioned', text), page


def test_each_reader_sees_the_names_of_the_others(pair, kitchen, alice, bob, charlie, feed):
    Membership.objects.create(room=kitchen, user=charlie)
    three = open_direct([bob, charlie], by=alice)
    clients = {person: watch(feed, person, three.slug) for person in (alice, bob, charlie)}
    refresh(feed)
    names = [last(client, three.slug)["name"] for client in clients.values()]
    assert names == ["Bob and Charlie", "Alice and Charlie", "Alice and Bob"]
    bob.name = "Zoltan"
    bob.save(update_fields=["name"])
    refresh(feed)
    assert last(clients[alice], three.slug)["name"] == "Charlie and Zoltan"
    assert last(clients[bob], three.slug)["name"] == "Alice and Charlie"


def test_a_new_one_appears_in_open_lists(kitchen, alice, bob, feed):
    client = watch(feed, bob, "kitchen", newest=kitchen.pk)
    refresh(feed)
    client.received()
    room = open_direct([bob], by=alice)
    refresh(feed)
    refresh(feed)
    assert last(client, room.slug)["name"] == "Alice"


def test_one_that_began_before_the_page_was_connected_appears_too(pair, alice, bob, feed):
    client = watch(feed, bob, "kitchen", newest=pair.pk - 1)
    refresh(feed)
    refresh(feed)
    assert last(client, pair.slug)["name"] == "Alice"


def test_nobody_else_is_told_of_it(pair, charlie, feed):
    client = watch(feed, charlie, pair.slug, newest=0)
    refresh(feed)
    assert [event.get("gone") for event in client.received() if event["slug"] == pair.slug] == [True]


@pytest.mark.parametrize(
    ("names", "title"),
    [
        ([], "Nobody else"), (["Budi"], "Budi"), (["budi", "Ayu"], "Ayu and budi"),
        (["C", "B", "A"], "A, B and C"), (["D", "C", "B", "A"], "A, B and 2 others"),
    ],
)  # fmt: skip
def test_a_title_names_three_people_at_most(names, title):
    assert titles.title_of({0: "Me", **dict(enumerate(names, start=1))}, 0) == title


def test_the_event_of_the_room_itself_has_no_name(pair, kitchen):
    assert frames.room_state(pair).name == "" and frames.room_state(kitchen).name == "Kitchen"
