"""What a client sent and its socket has not taken yet."""

import asyncio

from chat.live.server.inbox import Inbox


async def test_messages_are_taken_in_the_order_they_came():
    inbox = Inbox()
    for number in range(3):
        inbox.put_nowait({"number": number})
    first = await inbox.get()
    inbox.put_nowait({"number": 3})
    assert [first, *[await inbox.get() for _ in range(3)]] == [{"number": number} for number in range(4)]


async def test_who_waits_is_woken_by_the_first_of_many():
    inbox = Inbox()
    reader = asyncio.ensure_future(inbox.get())
    await asyncio.sleep(0)
    inbox.put_nowait({"number": 0})
    inbox.put_nowait({"number": 1})
    assert [await reader, await inbox.get()] == [{"number": 0}, {"number": 1}]


async def test_who_gives_up_waiting_takes_nothing_along():
    inbox = Inbox()
    reader = asyncio.ensure_future(inbox.get())
    await asyncio.sleep(0)
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    inbox.put_nowait({"number": 0})
    assert await inbox.get() == {"number": 0}
