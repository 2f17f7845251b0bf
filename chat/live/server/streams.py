"""Flow control for responses that are sent in parts, such as the download of one's data.

Twisted buffers what the client has not read, and Daphne never tells the application. So each part waits here
until the ones before it are on their way.
"""

import asyncio
from time import monotonic
from typing import Any

from .twisted_internals import unsent_bytes

MOST_UNSENT = 256 * 1024  # bytes of one response
LOOK_EVERY = 0.02  # seconds
READS_WITHIN = 60.0  # seconds that a client can fall behind SLOWEST; if it reads nothing, it is gone
SLOWEST = 16 * 1024  # bytes a second: an unfinished response occupies a place of `load_shedding`


async def sent(request: Any, size: int) -> None:
    """Wait until the client has read most of the response so far, with the latest part of `size` bytes. One
    that reads nothing, or more slowly than SLOWEST, is cut off.
    """
    if (transport := _transport_of(request)) is None:
        return
    started = monotonic()
    left = min(READS_WITHIN, getattr(request, "seconds_left", READS_WITHIN)) + size / SLOWEST
    while transport.connected and unsent_bytes(transport) > MOST_UNSENT:
        if monotonic() - started > left:
            transport.abortConnection()
            return
        await asyncio.sleep(LOOK_EVERY)
    request.seconds_left = left - (monotonic() - started)


def _transport_of(request: Any) -> Any:
    return request.channel.transport if request.channel else None
