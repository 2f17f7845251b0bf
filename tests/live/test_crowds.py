"""Rooms with more people than clients are sent: a list of some of them and the number of all."""

import asyncio
import random
from contextlib import AsyncExitStack
from uuid import uuid4

import msgspec
import pytest
from django.db import connections

from chat import frames
from chat.live.feeds import people, presence, presence_rows, presence_sync
from chat.live.feeds.feeds import Feeds
from chat.live.feeds.people import count_of, listed_for, with_local
from chat.live.feeds.presence import Presences
from chat.live.feeds.presence_sync import PresenceSync
from chat.models import Membership, Presence, Room, User
from tests.live.test_presence_races import SilentLayer
from tests.wire import signed_in

LISTED, PEOPLE = 10, 30
HIGH_LIMITS = {"OBROLAN_SOCKETS_PER_ADDRESS": "5000"}
COUNTED_WITHIN = 9  # seconds; a departure is announced six seconds after the last connection closed


class Client:
    """A client as docs/protocol.md describes it: the people that it knows, and how many are present."""

    def __init__(self, user, feed, local):
        self.feed, self.entries, self.crowds, self.behind = feed, 0, 0, None
        state = with_local(feed.people, local)
        if count_of(state) > people.LISTED >= count_of(feed.people):
            feed.update_people(state)
        self.start(listed_for(user, state), count_of(state))
        assert feed.enter(self, feed.cursor, feed.people)

    def start(self, users, present):
        self.known, self.present = {user.id: user for user in users}, present
        self.entries += len(users)

    def deliver(self, frame):
        for event in msgspec.json.decode(frame.text):
            self.apply(event)
        return random.random() > 0.1

    def send_events(self, *events):
        for event in events:
            self.apply(msgspec.json.decode(frames.encode(event)))

    def fall_behind(self, cursor, known):
        self.behind = cursor, known

    def catch_up(self):
        if self.behind:
            assert self.feed.enter(self, *self.behind)
            self.behind = None

    def apply(self, event):
        match event:
            case {"type": "crowd", "present": present}:
                self.crowds += 1
                if "people" in event:
                    self.start([msgspec.convert(user, frames.User) for user in event["people"]], present)
                self.present = present
            case {"type": "joined", "user": user}:
                self.known[user["id"]] = user
                self.entries, self.present = self.entries + 1, len(self.known)
            case {"type": "left", "user": user}:
                self.known.pop(user["id"], None)
                self.entries, self.present = self.entries + 1, len(self.known)


@pytest.fixture
def sync(monkeypatch, threads):
    monkeypatch.setattr(presence, "LEAVE_AFTER", 0.002)
    monkeypatch.setattr(presence_sync, "ANNOUNCE_EVERY", 0.01)
    for module in (people, presence_rows):
        monkeypatch.setattr(module, "LISTED", LISTED)
    layer = SilentLayer()
    return PresenceSync(uuid4(), Presences(), Feeds(layer), layer)


async def until_announced(sync, feed):
    while sync._presence._leaving or sync._presence._changed or feed.room_id in sync._stale:
        await asyncio.sleep(presence.LEAVE_AFTER)
        await sync.sync()


async def test_clients_know_the_people_or_the_same_part_of_a_crowd_after_any_joins_leaves_and_catch_ups(sync):
    users = [frames.user(User.objects.create_user(f"p{n}", name=f"P{n}")) for n in range(PEOPLE)]
    room = Room.objects.create(slug="kitchen", name="Kitchen")
    elsewhere, chance = uuid4(), random.Random()
    feed = sync._feeds.by_room[room.pk] = await asyncio.to_thread(open_feed, room)
    here, present, clients = sync._presence, {}, []
    for size in (LISTED - 2, PEOPLE, LISTED + 1, LISTED, 3, PEOPLE):
        while len(present) != size:
            one = chance.choice(users)
            if len(present) > size and one.id in present:
                present.pop(one.id)(one)
            elif len(present) < size and one.id not in present:
                if chance.random() < 0.3:  # through another process, whose hint is lost
                    await asyncio.to_thread(
                        change, lambda user=one: presence_rows.store(elsewhere, {(room.pk, user.id)}, ())
                    )
                    present[one.id] = lambda user: change(
                        lambda: presence_rows.store(elsewhere, (), {(room.pk, user.id)})
                    )
                else:
                    here.arrive(room.pk, one)
                    present[one.id] = lambda user: here.leave(room.pk, user.id)
                    clients.append(Client(one, feed, here.people(room.pk)))
            await sync.sync()
            for client in chance.sample(clients, len(clients) // 2):
                client.catch_up()
        sync.mark_all_stale()
        await until_announced(sync, feed)
        for client in clients:
            client.catch_up()
        shown = sorted(present)[: LISTED if size > LISTED else None]
        assert {(tuple(sorted(client.known)), client.present) for client in clients} == {(tuple(shown), size)}


def open_feed(room):
    from chat.live.feeds.feeds import open_feed

    try:
        return open_feed(room.pk)
    finally:
        connections.close_all()


def change(work):
    try:
        work()
    finally:
        connections.close_all()


async def test_a_person_who_enters_a_crowd_costs_each_reader_at_most_a_number(sync, monkeypatch):
    monkeypatch.setattr(random, "random", lambda: 1.0)
    users = [frames.user(User.objects.create_user(f"p{n}", name=f"P{n}")) for n in range(PEOPLE * 4)]
    room = Room.objects.create(slug="kitchen", name="Kitchen")
    feed = sync._feeds.by_room[room.pk] = await asyncio.to_thread(open_feed, room)
    clients = []
    for user in users:
        sync._presence.arrive(room.pk, user)
        clients.append(Client(user, feed, sync._presence.people(room.pk)))
        await sync.sync()
    await until_announced(sync, feed)
    assert {client.present for client in clients} == {len(users)}
    assert max(client.entries for client in clients) <= LISTED * 3
    assert len(feed.people) == LISTED


@pytest.fixture
def crowd(kitchen):
    """Enough accounts who are members of the kitchen; the first of them are present through no process."""
    users = User.objects.bulk_create(
        User(username=f"p{n}", name=f"Person {n}", is_guest=True) for n in range(130)
    )
    Membership.objects.bulk_create(Membership(room=kitchen, user=user) for user in users)
    return users


async def test_people_who_enter_at_once_all_end_with_the_same_hundred_and_the_right_number(
    site, stack, crowd, kitchen
):
    servers = [site.start(**HIGH_LIMITS) for _ in range(2 if stack.full else 1)]
    everybody = [signed_in(servers[n % len(servers)], user) for n, user in enumerate(crowd)]
    async with AsyncExitStack() as tabs:

        async def enter(person):
            socket = await tabs.enter_async_context(person.open("kitchen"))
            welcome = await socket.hello()
            assert welcome["user"] in welcome["people"]
            assert len(welcome["people"]) <= min(100, welcome["present"])
            return socket

        sockets = await asyncio.gather(*map(enter, everybody))
        for socket in sockets:
            await socket.wait(lambda event: shows(event, 130), "130 people")
        await sockets[0].connection.close()
        for socket in sockets[1:]:
            event = await socket.wait(lambda event: shows(event, 129), "129 people", COUNTED_WITHIN)
            assert [user["id"] for user in event["people"]] == [user.pk for user in crowd[1:101]]
        for socket in sockets[101:]:
            await socket.connection.close()
        for socket in sockets[1:101]:
            event = await socket.wait(lambda event: shows(event, 100), "100 people", COUNTED_WITHIN)
            assert {user["id"] for user in event["people"]} == {user.pk for user in crowd[1:101]}
            assert not socket.heard("left")
        await sockets[1].connection.close()
        for socket in sockets[2:101]:
            left = await socket.expect("left", timeout=COUNTED_WITHIN)
            assert left["user"]["id"] == crowd[1].pk


def shows(event, present):
    return event["type"] in ("welcome", "crowd") and event["present"] == present


async def test_nobody_is_told_who_types_in_a_crowd(server, alice, bob, crowd, kitchen):
    elsewhere = uuid4()
    async with (
        signed_in(server, alice).open("kitchen") as alice_socket,
        signed_in(server, bob).open("kitchen") as bob_socket,
    ):
        await alice_socket.hello()
        await bob_socket.hello()
        Presence.objects.bulk_create(Presence(process=elsewhere, room=kitchen, user=user) for user in crowd)
        await alice_socket.expect("crowd", present=132)
        await bob_socket.send("typing")
        await bob_socket.post("Hello")
        await alice_socket.expect("message", text="Hello")
        assert not alice_socket.heard("typing")
