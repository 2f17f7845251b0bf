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


async def test_a_socket_that_ends_while_it_is_looked_up_ends_quietly():
    complaints, socket = [], RoomSocket()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))
    socket._arrival = loop.create_future()
    socket._arrival.add_done_callback(socket._turn_away)
    saying_hello = asyncio.ensure_future(socket.arrival())
    await asyncio.sleep(0)
    saying_hello.cancel()
    await asyncio.wait([saying_hello])
    await asyncio.sleep(0)
    assert complaints == []
