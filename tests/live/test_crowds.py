"""Rooms with more people than clients are sent: a list of some of them and the number of all."""

import asyncio
import random
from contextlib import AsyncExitStack
from uuid import uuid4

import msgspec
import pytest

from chat import frames
from chat.live import database
from chat.live.feeds import people, presence, presence_rows, presence_sync
from chat.live.feeds.feeds import Feeds, open_feed
from chat.live.feeds.people import count_of, listed_for, with_local
from chat.live.feeds.presence import Presences
from chat.live.feeds.presence_sync import PresenceSync
from chat.models import Membership, Presence, Room, User
from tests.live.test_presence_races import SilentLayer
from tests.wire import signed_in

LISTED, PEOPLE = 10, 40
HIGH_LIMITS = {"OBROLAN_SOCKETS_PER_ADDRESS": "5000"}
COUNTED_WITHIN = 9  # seconds; a departure is announced six seconds after the last connection closed


class Client:
    """A client as docs/protocol.md describes it: the people that it knows, and how many are present."""

    def __init__(self, user, feed, local):
        self.user, self.feed, self.entries, self.behind = user, feed, 0, None
        state = with_local(feed.people, local)
        if count_of(state) > people.LISTED >= count_of(feed.people):
            feed.update_people(state)
        self.start(listed_for(user, state), count_of(state))
        assert feed.enter(self, feed.cursor, feed.people)

    def start(self, users, present):
        self.entries += len(users)
        ids = [user.id for user in users]
        lacks_own = present > len(ids) and self.user.id not in ids
        self.known, self.present = {self.user.id, *ids[:-1]} if lacks_own else {*ids}, present

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
            behind, self.behind = self.behind, None
            assert self.feed.enter(self, *behind)

    def apply(self, event):
        match event:
            case {"type": "crowd", "present": present, "people": listed}:
                self.start([msgspec.convert(user, frames.User) for user in listed], present)
            case {"type": "crowd", "present": present}:
                self.present = present
            case {"type": "joined" | "left" as change, "user": user}:
                (self.known.add if change == "joined" else self.known.discard)(user["id"])
                self.entries, self.present = self.entries + 1, len(self.known)


@pytest.fixture
def users(transactional_db):
    return [frames.user(User.objects.create_user(f"p{n}", name=f"P{n}")) for n in range(PEOPLE)]


@pytest.fixture
def sync(monkeypatch, threads):
    monkeypatch.setattr(presence, "LEAVE_AFTER", 0.002)
    monkeypatch.setattr(presence_sync, "ANNOUNCE_EVERY", 0.01)
    for module in (people, presence_rows):
        monkeypatch.setattr(module, "LISTED", LISTED)
    layer = SilentLayer()
    return PresenceSync(uuid4(), Presences(), Feeds(layer), layer)


@pytest.fixture
def feed(sync):
    room = Room.objects.create(slug="kitchen", name="Kitchen")
    feed = sync._feeds.by_room[room.pk] = open_feed(room.pk)
    return feed


async def until_announced(sync, feed):
    while sync._presence._leaving or sync._presence._changed or feed.room_id in sync._stale:
        await asyncio.sleep(presence.LEAVE_AFTER)
        await sync.sync()


async def test_clients_know_the_people_or_a_part_of_a_crowd_after_any_joins_leaves_and_catch_ups(
    sync, users, feed
):
    elsewhere, chance, room = uuid4(), random.Random(), feed.room_id
    here, clients, others = sync._presence, {}, set()  # the clients here, and people through another process
    for size in (LISTED - 2, PEOPLE, LISTED + 1, LISTED, 3, PEOPLE):
        while (present := len(clients) + len(others)) != size:
            one = chance.choice(users)
            key = {(room, one.id)}
            if one.id in clients and present > size:
                feed.leave(clients.pop(one.id))
                here.leave(room, one.id)
            elif one.id in others and present > size:
                others.remove(one.id)
                await database.run(database.READERS, presence_rows.store, elsewhere, (), key)
            elif one.id not in clients and one.id not in others and present < size:
                if chance.random() < 0.3:
                    others.add(one.id)
                    await database.run(database.READERS, presence_rows.store, elsewhere, key, ())
                else:
                    here.arrive(room, one)
                    clients[one.id] = Client(one, feed, here.people(room))
            await sync.sync()
            for client in chance.sample([*clients.values()], len(clients) // 2):
                client.catch_up()
        sync.mark_all_stale()  # no hint told of the other process
        await until_announced(sync, feed)
        listed = sorted(clients.keys() | others)[: LISTED if size > LISTED else None]
        for id, client in clients.items():
            client.catch_up()
            assert client.present == size
            assert client.known == ({*listed} if id in listed else {id, *listed[:-1]})


async def test_a_person_who_enters_a_crowd_costs_each_reader_at_most_a_number(sync, users, feed, monkeypatch):
    monkeypatch.setattr(random, "random", lambda: 1.0)
    clients = []
    for user in users:
        sync._presence.arrive(feed.room_id, user)
        clients.append(Client(user, feed, sync._presence.people(feed.room_id)))
        await sync.sync()
    await until_announced(sync, feed)
    assert {client.present for client in clients} == {PEOPLE}
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
