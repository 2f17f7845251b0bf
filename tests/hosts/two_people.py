"""Two people in the kitchen, each at a web process of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.wire import WITHIN, Socket, guest

POSTS = 4


@asynccontextmanager
async def two_people(first, second) -> AsyncIterator[tuple[Socket, Socket]]:
    """The sockets of Ayu at the first process and of Budi at the second, after their hello."""
    ayu, budi = await guest(first, "Ayu", "kitchen"), await guest(second, "Budi", "kitchen")
    async with ayu.open("kitchen") as here, budi.open("kitchen") as there:
        await here.hello()
        await there.hello()
        yield here, there


async def hears_by_heartbeat(here: Socket, there: Socket) -> None:
    """Each message that one posts reaches the other without Redis."""
    for number in range(POSTS):
        await here.post(f"{number}")
        await there.expect("message", text=f"{number}", timeout=WITHIN)
