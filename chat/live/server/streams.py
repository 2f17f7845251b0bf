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
READS_WITHIN = 60.0  # seconds without a byte read: the client is gone


async def sent(request: Any) -> None:
    """Wait until the client has read most of the response so far. A client that reads nothing is cut off."""
    if (transport := _transport_of(request)) is None:
        return
    least, since = unsent_bytes(transport), monotonic()
    while transport.connected and (unsent := unsent_bytes(transport)) > MOST_UNSENT:
        if unsent < least:
            least, since = unsent, monotonic()
        elif monotonic() - since > READS_WITHIN:
            transport.abortConnection()
            return
        await asyncio.sleep(LOOK_EVERY)


def _transport_of(request: Any) -> Any:
    return request.channel.transport if request.channel else None
