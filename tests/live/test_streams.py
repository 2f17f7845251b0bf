"""Responses in parts wait for their client, and uploads share a bounded memory."""

import asyncio
from types import SimpleNamespace

from chat.live.server import streams
from chat.live.server.uploads import AT_ONCE, AT_ONCE_PER_IP, Uploads


class Transport:
    """The part of Twisted's transport that is used, with so many bytes that the client has not read."""

    offset = _tempDataLen = 0
    connected = True
    is_aborted = False

    def __init__(self, unsent: int) -> None:
        self.dataBuffer = b"x" * unsent

    def abortConnection(self) -> None:
        self.is_aborted = True
        self.connected = False


def request_of(transport):
    return SimpleNamespace(channel=SimpleNamespace(transport=transport))


async def test_a_part_waits_until_the_client_has_read_the_ones_before():
    transport = Transport(streams.MOST_UNSENT + 1)
    waiting = asyncio.ensure_future(streams.sent(request_of(transport), 1))
    await asyncio.sleep(0)
    assert not waiting.done()
    transport.dataBuffer = b""
    async with asyncio.timeout(5):
        await waiting
    assert not transport.is_aborted


async def test_a_client_that_reads_nothing_is_cut_off(monkeypatch):
    monkeypatch.setattr(streams, "READS_WITHIN", 0.05)
    transport = Transport(streams.MOST_UNSENT + 1)
    async with asyncio.timeout(5):
        await streams.sent(request_of(transport), 0)
    assert transport.is_aborted


async def test_a_client_that_reads_a_byte_now_and_then_is_cut_off(monkeypatch):
    monkeypatch.setattr(streams, "READS_WITHIN", 0.1)
    monkeypatch.setattr(streams, "LOOK_EVERY", 0.001)
    transport = Transport(0)
    request = request_of(transport)

    async def read_slowly():
        while True:
            transport.dataBuffer = transport.dataBuffer[1:]
            await asyncio.sleep(0.001)

    reading = asyncio.ensure_future(read_slowly())
    async with asyncio.timeout(5):
        while not transport.is_aborted:
            transport.dataBuffer = b"x" * (streams.MOST_UNSENT + 5)
            await streams.sent(request, 10)
    reading.cancel()


async def test_a_client_that_is_gone_is_not_waited_for():
    transport = Transport(streams.MOST_UNSENT + 1)
    transport.connected = False
    async with asyncio.timeout(5):
        await streams.sent(request_of(transport), 1)
        await streams.sent(SimpleNamespace(channel=None), 1)


def test_uploads_of_one_address_leave_memory_for_others_and_all_are_bounded():
    uploads = Uploads()
    assert uploads.take("a", AT_ONCE_PER_IP) and not uploads.take("a", 1)
    taken = sum(uploads.take(str(n), AT_ONCE_PER_IP) for n in range(5))
    assert (taken + 1) * AT_ONCE_PER_IP <= AT_ONCE and not uploads.take("b", AT_ONCE_PER_IP)
    uploads.give_back("a", AT_ONCE_PER_IP)
    assert uploads.take("b", AT_ONCE_PER_IP) and "a" not in uploads._sizes
