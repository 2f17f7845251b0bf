"""What the feed of a room tells its clients about a crowd: a list of some people and the number of all."""

import asyncio
import random
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
from chat.models import Room, User
from tests.live.test_presence_races import SilentLayer

LISTED, PEOPLE = 10, 40


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
