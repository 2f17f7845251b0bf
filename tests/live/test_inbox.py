"""The inbox: a queue of received messages that the consumer has not handled yet."""

import asyncio

from chat.live.server.inbox import Inbox


async def test_messages_leave_the_queue_in_the_order_of_their_arrival():
    inbox = Inbox()
    for number in range(3):
        inbox.put_nowait({"number": number})
    first = await inbox.get()
    inbox.put_nowait({"number": 3})
    assert [first, *[await inbox.get() for _ in range(3)]] == [{"number": number} for number in range(4)]


async def test_a_waiting_reader_gets_the_first_message():
    inbox = Inbox()
    reader = asyncio.ensure_future(inbox.get())
    await asyncio.sleep(0)
    inbox.put_nowait({"number": 0})
    inbox.put_nowait({"number": 1})
    assert [await reader, await inbox.get()] == [{"number": 0}, {"number": 1}]


async def test_a_cancelled_reader_takes_no_message():
    inbox = Inbox()
    reader = asyncio.ensure_future(inbox.get())
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    inbox.put_nowait({"number": 0})
    assert await inbox.get() == {"number": 0}
