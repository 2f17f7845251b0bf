"""Fixtures of the live tests: two guests in the room `kitchen`, and the cleanup of database threads."""

import threading

import pytest
from django.db import connections

from chat.live import database
from tests.wire import guest


@pytest.fixture
async def ayu(server):
    return await guest(server, "Ayu", "kitchen")


@pytest.fixture
async def budi(server, ayu):
    return await guest(server, "Budi", "kitchen")


@pytest.fixture
def feed(monkeypatch):
    """A lobby feed whose queries run in the test's thread."""
    from chat.live.feeds.lobby_feed import LobbyFeed

    async def run(executor, work, *args):
        return work(*args)

    monkeypatch.setattr(database, "run", run)
    return LobbyFeed()


@pytest.fixture
def process(monkeypatch):
    """The heartbeat of a process without an event loop. The sweep reaches nobody."""
    from chat.live import heartbeat
    from tests.live.sockets import Beats

    async def run(executor, work, *args):
        return work(*args)

    monkeypatch.setattr(database, "run", run)
    process = Beats()
    monkeypatch.setattr(heartbeat, "SWEEP", 10**9)
    process.heartbeat._part = 10**8
    return process


@pytest.fixture
def checked(monkeypatch):
    """The sockets of each check by the heartbeat."""
    from chat.live import heartbeat

    checks, check_access = [], heartbeat.check_access

    def check(access):
        checks.append(set(access))
        return check_access(access)

    monkeypatch.setattr(heartbeat, "check_access", check)
    return checks


@pytest.fixture
def threads(transactional_db):
    """Close the database connections of the threads of chat.live.database when the test ends."""
    yield
    for executor in filter(lambda executor: executor._threads, (database.HEARTBEAT, database.READERS)):
        barrier = threading.Barrier(len(executor._threads))  # one call in each thread
        for future in [executor.submit(close, barrier) for _ in range(barrier.parties)]:
            future.result()


def close(barrier):
    barrier.wait(10)
    connections.close_all()
