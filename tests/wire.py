"""A test client: a person's session and their sockets, which speak the protocol of docs/protocol.md.

ayu = await guest(server, "Ayu", "kitchen")
async with ayu.open("kitchen") as socket:
    await socket.hello()
    await socket.post("hi")
    await socket.expect("message", text="hi")
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import websockets
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 10  # seconds to wait for anything that is expected soon
# Seconds for what is promised within two. Other steps of the suite use the same processors. Lost hints are
# repaired after five seconds, which must not pass for a delivery.
WITHIN = 4.5

TLS = httpx.create_ssl_context()  # shared: a client that makes its own reads all certificates, for 17 ms

Event = dict[str, Any]


class Person:
    """A person's browser without a display: cookies, pages and any number of sockets."""

    def __init__(self, server, cookies: dict[str, str] | None = None, headers: dict[str, str] | None = None):
        self.url = server if isinstance(server, str) else server.url
        self.headers = {"Origin": self.url, **(headers or {})}
        self.http = httpx.AsyncClient(
            base_url=self.url, cookies=cookies, headers=self.headers, timeout=PATIENCE * 2, verify=TLS
        )

    async def get(self, path: str, **options) -> httpx.Response:
        return await self.http.get(path, **options)

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Submit a form with its page's CSRF token, as a browser does. This does not follow redirects."""
        token = self.http.cookies.get("csrftoken") or await self.token(path)
        return await self.http.post(path, data={"csrfmiddlewaretoken": token, **fields})

    async def token(self, path: str) -> str:
        page = (await self.get(path)).text
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found, f"{path} contains no form:\n{page[:500]}"
        return found[1]

    def at(self, server) -> Person:
        """The same person with the same session, at another web process."""
        return Person(server, dict(self.http.cookies))

    def open(self, room: str, **options) -> contextlib.AbstractAsyncContextManager[Socket]:
        return self.socket(f"/ws/rooms/{quote(room)}/", **options)

    def open_lobby(self, **options) -> contextlib.AbstractAsyncContextManager[Socket]:
        return self.socket("/ws/lobby/", **options)

    @contextlib.asynccontextmanager
    async def socket(self, path: str, **options) -> AsyncIterator[Socket]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        headers = {**self.headers, "Cookie": cookies, **options.pop("headers", {})}
        origin = headers.pop("Origin", None)
        url = self.url.replace("http", "ws", 1) + path
        options = {"max_size": None, "ping_interval": None, "close_timeout": 1, **options}
        async with connect(url, origin=origin, additional_headers=headers, **options) as connection:
            socket = Socket(connection)
            try:
                yield socket
            finally:
                socket.reader.cancel()


class Socket:
    """One socket. It applies each event to `messages`, and keeps it in `unread` until a test expects it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.unread: list[Event] = []
        self.messages: dict[int, Event] = {}
        self.head = 0
        self.frames = 0  # received
        self.arrived = asyncio.Event()
        self.reader = asyncio.create_task(self.read())

    # ── sending ─────────────────────────────────────────────────────────────────────────────────

    async def hello(self, since: int | None = None, epoch: str | None = None) -> Event:
        """Send hello and return the `welcome`. The events after it stay unread. Raises Closed."""
        with contextlib.suppress(websockets.ConnectionClosed):  # some sockets are refused at once
            await self.send("hello", since=since, epoch=epoch)
        return await self.expect("welcome")

    async def post(self, text: str, **fields) -> Event:
        """Post a message and return its `ack`. Raises Refused with the error."""
        return await self.ask("post", **{"id": str(uuid.uuid4()), "text": text, **fields})

    async def ask(self, command: str, **fields) -> Event:
        """Send a command and return its `ack`. Raises Refused."""
        fields.setdefault("id", str(uuid.uuid4()))
        await self.send(command, **fields)
        answer = await self.wait(
            lambda e: e["type"] in ("ack", "error") and e.get("id") == fields["id"], command
        )
        if answer["type"] == "error":
            raise Refused(answer)
        return answer

    async def send(self, command: str, **fields) -> None:
        await self.send_raw(json.dumps({"type": command, **fields}))

    async def send_raw(self, frame: str | bytes) -> None:
        await self.connection.send(frame)

    async def synced(self, timeout: float = PATIENCE) -> Event:
        """Wait for the end of the catch-up."""
        return await self.expect("synced", timeout)

    async def ping(self) -> Event:
        """A barrier: after the `pong`, everything that the server sent before it has arrived."""
        await self.send("ping")
        return await self.expect("pong")

    async def wait_for_head(self, head: int, timeout: float = PATIENCE) -> None:
        """Wait until the server reports at least this head of the room."""
        async with asyncio.timeout(timeout):
            while (await self.ping())["head"] < head:
                await asyncio.sleep(0.05)

    # ── receiving ───────────────────────────────────────────────────────────────────────────────

    async def expect(self, kind: str, /, timeout: float = PATIENCE, **fields) -> Event:
        """Wait for an event of this kind with these fields and remove it from `unread`."""
        return await self.wait(lambda event: matches(event, kind, fields), f"{kind} {fields}", timeout)

    def heard(self, kind: str, /, **fields) -> list[Event]:
        """The unread events of this kind with these fields that have arrived so far."""
        return [event for event in self.unread if matches(event, kind, fields)]

    async def wait(self, matching, description: str, timeout: float = PATIENCE) -> Event:
        """Wait for an unread event for which `matching` is true, and remove it from `unread`."""
        deadline = time.monotonic() + timeout
        while True:
            for index, event in enumerate(self.unread):
                if matching(event):
                    return self.unread.pop(index)
            if self.reader.done():
                raise Closed(f"{self.connection.close_code} instead of {description}; unread: {self.unread}")
            self.arrived.clear()
            try:
                async with asyncio.timeout(max(0, deadline - time.monotonic())):
                    await self.arrived.wait()
            except TimeoutError:
                raise AssertionError(f"No {description} in {timeout} s; unread: {self.unread}") from None

    async def closed(self, timeout: float = PATIENCE) -> int | None:
        """Wait until the server closes the socket; returns the close code."""
        async with asyncio.timeout(timeout):
            await self.connection.wait_closed()
            await asyncio.wait([self.reader])
        return self.connection.close_code

    @property
    def texts(self) -> list[str]:
        """The texts of all messages in order, as a client displays them. A deleted one is empty."""
        return [self.messages[seq]["text"] for seq in sorted(self.messages)]

    async def read(self) -> None:
        try:
            async for frame in self.connection:
                self.frames += 1
                events = json.loads(frame)
                assert isinstance(events, list), f"not an array of events: {frame[:200]!r}"
                for event in events:
                    self.apply(event)
                self.unread += events
                self.arrived.set()
        except websockets.ConnectionClosed:
            pass
        finally:
            self.arrived.set()

    def apply(self, event: Event) -> None:
        if event["type"] == "reset":
            self.messages.clear()
        elif event["type"] == "message":
            known = self.messages.get(event["seq"])
            if known is None or known["rev"] < event["rev"]:
                self.messages[event["seq"]] = event
            self.head = max(self.head, event["rev"])
        elif event["type"] == "synced":
            self.head = event["head"]


class Refused(Exception):
    """The server's `error` to a command: `.code`, `.event`."""

    def __init__(self, event: Event) -> None:
        super().__init__(f"{event['code']}: {event['message']}")
        self.code = event["code"]
        self.event = event


class Closed(Exception):
    """The socket was closed while the test waited for an event."""


def matches(event: Event, kind: str, fields: Event) -> bool:
    return event["type"] == kind and all(event.get(name) == value for name, value in fields.items())


async def enter(tabs: contextlib.AsyncExitStack, person: Person) -> Socket | int | None:
    """Open a socket in the kitchen and send hello. Returns the socket, or the close code if it is refused."""
    socket = await tabs.enter_async_context(person.open("kitchen"))
    with contextlib.suppress(websockets.ConnectionClosed):  # some sockets are refused at once
        await socket.send("hello", since=None, epoch=None)
    event = await socket.wait(lambda event: event["type"] in ("welcome", "error"), "an answer to hello")
    if event["type"] == "welcome":
        return socket
    assert event["code"] == "too_many_sockets"
    return await socket.closed()


async def guest(server, name: str, room: str) -> Person:
    """A guest who entered the room by the form on the front page."""
    person = Person(server)
    answer = await person.submit("/", username=name, room=room)
    assert answer.status_code == 302, f"{name} could not enter: {answer.status_code}\n{answer.text[:2_000]}"
    return person


def signed_in(server, user) -> Person:
    """A person with this account (a row in the test's database) and a new session, without the login page."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return Person(server, {"sessionid": session.session_key})
