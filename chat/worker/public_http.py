"""HTTP to servers that a user names, such as push services: to public addresses only, and without redirects.

The addresses are checked when the connection is made, with those that it then uses: a name may resolve to
another address each time.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

TIMEOUT = 5  # seconds, to connect, and between two bytes of the answer
DEADLINE = 8  # seconds for all of it, once it is connected
RESOLVERS = ThreadPoolExecutor(32, thread_name_prefix="resolve")  # getaddrinfo itself has no deadline
MAX_ANSWER = 4_096  # bytes of an answer that are read
NAT64 = ipaddress.ip_network("64:ff9b::/96")
COMPATIBLE = ipaddress.ip_network("::/96")  # IPv4 addresses in a form that is no longer used


class PublicConnection(HTTPSConnection):
    """A connection that is cut after DEADLINE: a server could send a byte now and then for ever."""

    _cut: tuple[socket.socket, threading.Timer] | None = None

    def _new_conn(self) -> socket.socket:
        """Connect to the first address of the host. All of them must be public."""
        addresses = self._resolve()
        if not addresses or not all(is_public(address) for address in addresses):
            raise NewConnectionError(self, f"{self.host} is not a public host")
        try:
            connected = socket.create_connection((addresses[0], self.port), timeout=TIMEOUT)
        except OSError as error:
            raise NewConnectionError(self, f"{self.host} cannot be reached") from error
        self._cut_later(connected.dup())  # TLS takes the socket itself over
        return connected

    def _resolve(self) -> list[str]:
        """The addresses of the host. The name server may be one that never answers."""
        answer = RESOLVERS.submit(socket.getaddrinfo, self._dns_host, self.port, type=socket.SOCK_STREAM)
        try:
            return [str(info[4][0]) for info in answer.result(TIMEOUT)]
        except TimeoutError as error:
            answer.cancel()
            raise ConnectTimeoutError(self, f"{self.host} was not found in time") from error
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, f"{self.host} has no address") from error

    def _cut_later(self, duplicate: socket.socket) -> None:
        timer = threading.Timer(DEADLINE, cut, [duplicate])
        timer.daemon = True
        timer.start()
        self._cut = duplicate, timer

    def close(self) -> None:
        if self._cut:
            duplicate, timer = self._cut
            self._cut = None
            timer.cancel()
            duplicate.close()
        super().close()


def cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def is_public(address: str) -> bool:
    """Whether this is an address of the internet. An IPv4 address inside of an IPv6 one counts as itself."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in NAT64 or ip in COMPATIBLE:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class PublicPool(HTTPSConnectionPool):
    ConnectionCls = PublicConnection


class PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": PublicPool}


class PublicSession(requests.Session):
    """Without redirects, proxies and netrc. Answers are read up to MAX_ANSWER bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        if not settings.OBROLAN_PUSH_PRIVATE:
            self.adapters.clear()  # no plain HTTP
            self.mount("https://", PublicAdapter(pool_maxsize=1))

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs |= {"allow_redirects": False, "timeout": TIMEOUT, "stream": True}
        response = super().request(*args, **kwargs)
        response._content = next(response.iter_content(MAX_ANSWER), b"")
        response.close()
        return response
