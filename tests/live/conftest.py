"""Two guests who know each other from the kitchen."""

import pytest

from tests.wire import guest


@pytest.fixture
async def ayu(server):
    return await guest(server, "Ayu", "kitchen")


@pytest.fixture
async def budi(server, ayu):
    return await guest(server, "Budi", "kitchen")
