"""Two guests who know each other from the kitchen."""

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
def threads(transactional_db):
    """The threads of chat.live.database use this test's database, and let go of it at the end."""
    yield
    for executor in filter(lambda one: one._threads, (database.HEARTBEAT, database.READERS)):
        together = threading.Barrier(len(executor._threads))  # one call in each thread
        for closed in [executor.submit(close, together) for _ in range(together.parties)]:
            closed.result()


def close(together):
    together.wait(10)
    connections.close_all()
