"""A client's socket: it authenticates the client, and validates and executes its frames.

The sockets of rooms and of the lobby inherit from it. One exception handler covers each frame and answers
with an `error` event. So neither a frame nor a failing database closes a socket by accident.
"""

import asyncio
import logging
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from chat import frames
from chat.client_ip import scope_ip
from chat.refusals import Refusal

from .. import database
from ..access.handshake import Handshake
from ..access.identity import session_key
from ..connection import SCOPE_KEY, AsgiConnection, Frame, pong
from ..drain import BYE
from ..process import Process
from .incoming import decode, reference_of
from .outgoing import Outgoing

HELLO_WITHIN = 10  # seconds

logger = logging.getLogger(__name__)


class Socket(Outgoing, AsyncWebsocketConsumer):
    channel_layer_alias = None  # only the process uses the layer: in a consumer its errors close the socket

    process: Process
    ip = ""
    _handshake: asyncio.Future[Handshake]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Channels' loop without its extra task for each frame."""
        self.scope, self.base_send = scope, send
        self.connection = scope.get(SCOPE_KEY) or AsgiConnection(send)
        self.connection.on_stalled = self._stalled
        self.process = Process.current()
        self.ip = scope_ip(scope)
        self.bucket = self.process.limits.socket_bucket()
        self._events = []
        self._deadline: asyncio.TimerHandle | None = None
        while not await self.dispatch(await receive()):
            pass

    async def dispatch(self, message: dict[str, Any]) -> bool:  # type: ignore[override]
        """Handle an ASGI message. Returns True when the socket is closed.

        Channels' own `dispatch` switches to a thread before each frame, to close database connections that
        this loop never opens. With it the process made 122,000 deliveries/s instead of 309,000.
        """
        if message["type"] == "websocket.receive":
            await self.receive_frame(message.get("text"))
        elif message["type"] == "websocket.connect":
            await self._connect()
        else:
            self._release()
            return True
        return False

    # ── opening and closing ──────────────────────────────────────────────────────────────────────

    async def _connect(self) -> None:
        await self.accept()
        if self.process.is_draining:  # this connection was accepted just before the port was closed
            self.send_events(BYE)
            self.end(frames.CLOSE_RESTART)
            return
        try:
            self.process.limits.spend_open(self.ip, session_key(self.scope))
        except Refusal as refusal:
            self.refuse(refusal)
            self.end(frames.CLOSE_FLOOD)
            return
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(HELLO_WITHIN, self.refuse, Refusal("hello_late"))
        self.process.sockets.add(self)
        self._start_handshake()

    def _start_handshake(self) -> None:
        """Look up the user and the room. This starts before `hello` arrives."""
        slug = self.scope["url_route"]["kwargs"].get("slug")
        self._handshake = self.process.handshakes.start(session_key(self.scope), slug)
        self._handshake.add_done_callback(self._handshake_done)

    def _handshake_done(self, handshake: asyncio.Future[Handshake]) -> None:
        if isinstance(refusal := handshake.exception(), Refusal):
            self.refuse(refusal)

    async def authorize(self) -> Handshake:
        """The user and the room as of now. Call this when `hello` has arrived.

        A lookup that ended earlier is repeated, since the user may have been removed from the room meanwhile.
        Raises Refusal: sign_in, no_room; and what the database raises.
        """
        if self._handshake.done():
            self._start_handshake()
        return await asyncio.shield(self._handshake)  # a socket that closes meanwhile cancels only its wait

    def _release(self) -> None:
        if not self.closed:
            self.closed = True
            self._cancel_deadline()
            self.process.sockets.remove(self)
            self.on_closed()

    def _stalled(self) -> None:
        self.refuse(Refusal("lagging"))

    def _cancel_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    # ── frames ───────────────────────────────────────────────────────────────────────────────────

    async def receive_frame(self, text: str | None) -> None:
        if self.identity is not None:
            self.receive_text(text)
        elif not self.closed:
            try:
                self.bucket.take()
                command = decode(text)
                if not isinstance(command, frames.Hello):
                    raise Refusal("hello_first")
                await self.hello(command)
                self._begin(command)
            except Exception as error:
                self._answer_failure(error, text)

    def _begin(self, hello: frames.Hello) -> None:
        """From now on our server passes frames directly: a queue and a task cost more than most commands."""
        self._cancel_deadline()
        if not self.closed:
            self.connection.on_text = self.receive_text
            self.connection.sign_of_life = self._sign_of_life if hello.pongs else None
        del self._handshake
        self.scope["headers"].clear()  # saves memory in idle sockets

    def receive_text(self, text: str | None) -> None:
        """Execute the command in a frame."""
        if self.closed:
            return
        try:
            self.bucket.take()
            command = decode(text)
            if isinstance(command, frames.Hello):
                raise Refusal("hello_twice")
            self.execute(command)
        except Exception as error:
            self._answer_failure(error, text)

    def _answer_failure(self, error: Exception, text: str | None) -> None:
        id = reference_of(text)
        if isinstance(error, Refusal):
            self.refuse(error, id=id)
        elif isinstance(error, database.UNAVAILABLE):
            logger.warning("A frame was not answered: %s", str(error).strip())
            self.refuse(Refusal("unavailable", retry_after_ms=1_000), id=id)
        else:
            logger.error("A frame was not answered", exc_info=error)
            self.refuse(Refusal("unavailable", retry_after_ms=5_000), id=id)

    # ── for rooms and the lobby ──────────────────────────────────────────────────────────────────

    async def hello(self, command: frames.Hello) -> None:
        """Authorise the client, welcome it and send its initial state. Raises Refusal."""
        raise NotImplementedError

    def execute(self, command: frames.AnyCommand) -> None:
        """Execute a command, now or through the writer. Raises Refusal."""
        raise NotImplementedError

    def _sign_of_life(self) -> Frame:
        self.flush()  # a `pong` must not overtake the changes that it counts
        return pong(self.head)

    @property
    def head(self) -> int:
        """The last change that the client was sent."""
        raise NotImplementedError

    def on_closed(self) -> None:
        """Called once, when the socket is closed."""
