"""Bounds on HTTP responses that clients do not read.

Twisted buffers each response until the client has read it. It also answers pipelined requests without waiting
for the client: 53 KB of requests for a static file put 428 MB into the buffer of one connection.
"""

from collections import Counter
from typing import Any
from weakref import WeakKeyDictionary

from .twisted_internals import unsent_bytes

MOST_UNREAD = 256 * 1024  # bytes on one connection when its next request arrives
MOST_UNREAD_IN_ALL = 32 * 1024 * 1024  # bytes in this process

_unread: WeakKeyDictionary[Any, str] = WeakKeyDictionary()  # transport → limit_key of its last client


def abort_if_unread(transport: Any) -> bool:
    """Abort the connection of a client that sends requests and does not read the responses.

    Returns whether it did.
    """
    if unsent_bytes(transport) <= MOST_UNREAD:
        return False
    transport.abortConnection()
    return True


def response_sent(transport: Any, key: str) -> None:
    """Count a complete response. If too much is unread, disconnect the IP address with the most of it.

    `key` is client_ip.limit_key.
    """
    _unread[transport] = key
    sizes: Counter[str] = Counter()
    for each, owner in list(_unread.items()):
        if size := unsent_bytes(each) if each.connected else 0:
            sizes[owner] += size
        else:
            del _unread[each]
    if sizes.total() > MOST_UNREAD_IN_ALL:
        [(worst, _)] = sizes.most_common(1)
        for each, owner in list(_unread.items()):
            if owner == worst:
                del _unread[each]
                each.abortConnection()
