"""A client that is gone is its own trouble: under uvicorn a send to it raises, at any moment of a fan-out."""

import asyncio

import pytest

from chat.live import sending
from chat.live.feed import Feed
from chat.live.room import RoomSocket
from chat.models import Room


class Disconnected(OSError):
    """As uvicorn's, which is private."""


def socket_of(send) -> RoomSocket:
    socket = RoomSocket()
    socket.base_send = send
    socket._events, socket._waiting, socket._sending = [], [], None
    return socket


async def gone(message):
    raise Disconnected


async def closed(message):
    raise RuntimeError("Unexpected ASGI message 'websocket.send', after sending 'websocket.close'.")


@pytest.mark.parametrize("failure", [gone, closed])
async def test_the_others_in_a_room_get_what_a_gone_client_cannot(failure):
    arrived = []

    async def arrive(message):
        arrived.append(message["text"])

    feed = Feed(Room(pk=1, head=0))
    for send in (failure, arrive, failure, arrive):
        feed.enter(socket_of(send), 0)
    feed.hint(1, ['{"type":"message"}'])
    await asyncio.sleep(0)
    assert arrived == ['[{"type":"message"}]'] * 2


async def test_a_send_that_waited_and_then_failed_ends_quietly():
    async def late(message):
        await asyncio.sleep(0)
        raise Disconnected

    sent = sending.start(late({}))
    assert sent
    await asyncio.wait([sent])
    assert sent.exception() is None
