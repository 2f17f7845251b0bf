"""Load shedding: a process renders a few pages at once. Others wait in a queue; a full queue answers 503.

A waiting request costs a few kilobytes. A request in progress costs a thread and a database connection, and
slows the event loop of the sockets. One IP address can use only some of the slots. Requests that hash a
password have their own queue, so no other page waits for them.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from django.conf import settings
from django.urls import Resolver404, resolve

from chat.client_ip import limit_key, scope_ip
from chat.passwords import HASHES_AT_ONCE
from chat.refusals import Refusal

from .errors import send_refusal

# Views whose POST hashes a password.
HASHING = {
    "login",
    "signup",
    "first",
    "invite",
    "password_change",
    "delete_account",
    "password_reset_confirm",
    "admin:login",
    "admin:chat_user_add",
    "admin:auth_user_password_change",
}
PROBES = ("/healthz", "/readyz")
RETRY_AFTER = 2  # seconds


class Queue:
    """Slots for `at_once` requests, at most `per_ip` for one IP address. Other requests wait in order."""

    def __init__(
        self, *, at_once: int, per_ip: int, waiting: int, waiting_per_ip: int, patience: float
    ) -> None:
        self.at_once, self.per_ip = at_once, per_ip
        self.max_waiting, self.max_waiting_per_ip, self.patience = waiting, waiting_per_ip, patience
        self._served: Counter[str] = Counter()  # by IP address
        self._waiting: dict[asyncio.Future[None], str] = {}
        self._waiting_of: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, ip: str) -> AsyncIterator[None]:
        """Wait for a slot. Raises Refusal: busy, if the queue is full or after `patience` seconds."""
        if self._is_free(ip):
            self._served[ip] += 1
        else:
            await self._wait(ip)
        try:
            yield
        finally:
            self._leave(ip)

    def _is_free(self, ip: str) -> bool:
        return self._served.total() < self.at_once and self._served[ip] < self.per_ip

    async def _wait(self, ip: str) -> None:
        if len(self._waiting) >= self.max_waiting or self._waiting_of[ip] >= self.max_waiting_per_ip:
            raise Refusal("busy", retry_after_ms=RETRY_AFTER * 1000)
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[called] = ip
        self._waiting_of[ip] += 1
        try:
            async with asyncio.timeout(self.patience):
                await called
        except BaseException as error:
            if called in self._waiting:
                self._remove(called)
            else:  # got a slot and was cancelled at the same moment
                self._leave(ip)
            if isinstance(error, TimeoutError):
                raise Refusal("busy", retry_after_ms=RETRY_AFTER * 1000) from None
            raise

    def _leave(self, ip: str) -> None:
        self._served[ip] -= 1
        if not self._served[ip]:
            del self._served[ip]
        for called, waiting_ip in list(self._waiting.items()):
            if self._served.total() >= self.at_once:
                return
            if self._is_free(waiting_ip) and not called.done():  # done: cancelled, not removed yet
                self._remove(called)
                self._served[waiting_ip] += 1
                called.set_result(None)

    def _remove(self, called: asyncio.Future[None]) -> None:
        ip = self._waiting.pop(called)
        self._waiting_of[ip] -= 1
        if not self._waiting_of[ip]:
            del self._waiting_of[ip]


class LoadShedding:
    """ASGI middleware around Django's pages."""

    def __init__(self, application: Any) -> None:
        self.application = application
        # PostgreSQL's pool has 16 connections: 8 for these, 2 for the queue below, 6 for the sockets.
        # A class of 30 people behind one IP address is served 3 at a time.
        self.pages = Queue(at_once=8, per_ip=3, waiting=300, waiting_per_ip=150, patience=4)
        # If a class of 30 people logs in at once, each takes 0.25 s of a core, and the last waits 4 s.
        self.hashing = Queue(
            at_once=HASHES_AT_ONCE, per_ip=HASHES_AT_ONCE, waiting=100, waiting_per_ip=40, patience=9
        )

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if is_cheap(scope["path"]):
            await self.application(scope, receive, send)
            return
        queue = self.hashing if hashes(scope) else self.pages
        try:
            async with queue.turn(limit_key(scope_ip(scope))):
                await self.application(scope, receive, send)
        except Refusal as refusal:  # Django handles its own refusals
            await send_refusal(scope, send, refusal)


def is_cheap(path: str) -> bool:
    """Whether a request skips the queue: static files, and health checks, which must not wait."""
    return path in PROBES or path.startswith(settings.STATIC_URL)


def hashes(scope: dict[str, Any]) -> bool:
    if scope["method"] != "POST":
        return False
    try:
        return resolve(scope["path"]).view_name in HASHING
    except Resolver404:
        return False
