"""A client's socket: frames in, checked and typed; events out, many in one frame. Room and lobby build on it.

Each frame has one catch, and what it catches becomes an `error` event. So nothing that a client sends, and no
fault of the database, closes a socket by accident.
"""

import asyncio
import logging
from time import monotonic
from typing import Any

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer

from chat import frames
from chat.client_ip import scope_ip
from chat.refusals import Refusal

from .. import database
from ..access.handshake import Arrival
from ..access.identity import Identity, session_key
from ..connection import SCOPE_KEY, AsgiConnection, Connection, Frame
from ..drain import BYE
from ..process import Process

HELLO_WITHIN = 10  # seconds
ABUSE = 100  # refusals for speed without a pause of TOLERANCE between them; beyond it the socket is closed
TOLERANCE = 10.0  # seconds
CLOSES = {  # refusals that close the socket
    "hello_late": frames.CLOSE_SILENT,
    "sign_in": frames.CLOSE_SIGN_IN,
    "removed": frames.CLOSE_BANNED,
    "deactivated": frames.CLOSE_BANNED,
    "no_room": frames.CLOSE_NO_ROOM,
    "lagging": frames.CLOSE_SILENT,
    "too_many_sockets": frames.CLOSE_TOO_MANY,
    "opened_elsewhere": frames.CLOSE_TOO_MANY,
    "flood": frames.CLOSE_FLOOD,
}

logger = logging.getLogger(__name__)


class Reference(msgspec.Struct):
    """The `id` of a command, read alone: a frame that is malformed otherwise may still have one."""

    id: str | None = None


read_reference = msgspec.json.Decoder(Reference).decode


class Socket(AsyncWebsocketConsumer):
    channel_layer_alias = None  # only the process uses the layer: in a consumer its errors close the socket

    process: Process
    connection: Connection
    ip = ""
    refused_at = refusals = 0.0  # the latest refusals for speed
    identity: Identity | None = None  # known from `hello` on
    closed = False

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Channels' loop without its extra task for each frame."""
        self.scope, self.base_send = scope, send
        self.connection = scope.get(SCOPE_KEY) or AsgiConnection(send)
        self.connection.on_stalled = self._stalled
        self.process = Process.current()
        self.ip = scope_ip(scope)
        self.bucket = self.process.limits.for_socket()
        self._events: list[str] = []  # encoded; they leave together at the end of this turn of the event loop
        self._deadline: asyncio.TimerHandle | None = None
        while not await self.dispatch(await receive()):
            pass

    async def dispatch(self, message: dict[str, Any]) -> bool:  # type: ignore[override]
        """Returns True when the socket is gone.

        Channels' own `dispatch` hops to a thread before each frame, to close database connections that this
        loop never opens. With it the process made 122,000 deliveries/s instead of 309,000.
        """
        if message["type"] == "websocket.receive":
            await self.receive_frame(message.get("text"))
        elif message["type"] == "websocket.connect":
            await self.accept()
            if self.process.is_draining:  # this connection was accepted just before the port closed
                self.tell(BYE)
                self.end(frames.CLOSE_RESTART)
                return False
            self._deadline = asyncio.get_running_loop().call_later(HELLO_WITHIN, self._hello_is_late)
            self.process.sockets.open(self)
            self._knock()
        else:
            self._gone()
            return True
        return False

    # ── in ───────────────────────────────────────────────────────────────────────────────────────

    async def receive_frame(self, text: str | None) -> None:
        if self.closed:
            return
        try:
            self.bucket.take()
            command = self.read(text)
            if isinstance(command, frames.Hello):
                if self.identity is not None:
                    raise Refusal("hello_twice")
                await self.hello(command)
                self._forget_deadline()
                del self._arrival
                self.scope["headers"].clear()  # an idle socket needs no memory for its request
            elif self.identity is None:
                raise Refusal("hello_first")
            else:
                self.obey(command)
        except Refusal as refusal:
            self.refuse(refusal, text=text)
        except database.AWAY as error:
            logger.warning("A frame was not answered: %s", str(error).strip())
            self.refuse(Refusal("unavailable", retry_after_ms=1_000), text=text)
        except Exception:
            logger.exception("A frame was not answered")
            self.refuse(Refusal("unavailable", retry_after_ms=5_000), text=text)

    def read(self, text: str | None) -> frames.AnyCommand:
        """A frame as a typed command. Raises Refusal: malformed, too_big."""
        if text is None:
            raise Refusal("malformed", detail="frames are text")
        if len(text) > frames.FRAME_BYTES or (not text.isascii() and len(text.encode()) > frames.FRAME_BYTES):
            raise Refusal("too_big")
        try:
            return frames.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise Refusal("malformed", detail=str(error)) from None

    def _knock(self) -> None:
        """Look up the user and whether they may enter. It starts before `hello` arrives."""
        slug = self.scope["url_route"]["kwargs"].get("slug")
        self._arrival = self.process.handshakes.knock(session_key(self.scope), slug)
        self._arrival.add_done_callback(self._turn_away)

    def _turn_away(self, arrival: asyncio.Future[Arrival]) -> None:
        if isinstance(refusal := arrival.exception(), Refusal):
            self.refuse(refusal)

    async def arrival(self) -> Arrival:
        """The user and the room as of now. To be called when `hello` came.

        A lookup that ended before it is repeated: a member may have been removed since.
        Raises Refusal: sign_in, no_room; and what the database raises.
        """
        if self._arrival.done():
            self._knock()
        return await asyncio.shield(self._arrival)  # a socket that ends meanwhile cancels only its wait

    async def hello(self, command: frames.Hello) -> None:
        """Authorise, welcome and bring up to date. Raises Refusal."""
        raise NotImplementedError

    def obey(self, command: frames.AnyCommand) -> None:
        """Execute a command, now or through the writer. Raises Refusal."""
        raise NotImplementedError

    def left(self) -> None:
        """The socket is gone."""

    # ── out ──────────────────────────────────────────────────────────────────────────────────────

    def tell(self, *events: frames.Event) -> None:
        """Send events at the end of this turn of the event loop, in one frame if they fit."""
        self.tell_encoded([frames.encode(event) for event in events])

    def tell_encoded(self, events: list[str]) -> None:
        if not self._events:
            asyncio.get_running_loop().call_soon(self.flush)
        self._events += events

    def refuse(self, refusal: Refusal, *, id: str | None = None, text: str | None = None) -> None:
        """Send the error of a command that was not executed. Some refusals close the socket."""
        self.tell(
            frames.Error(
                code=refusal.code,
                message=refusal.message,
                retry=refusal.retry,
                id=id or reference_of(text) or msgspec.UNSET,
                retry_after_ms=refusal.retry_after_ms or msgspec.UNSET,
            )
        )
        if refusal.code == "too_fast":
            self._count_abuse()
        if refusal.code in CLOSES:
            self.end(CLOSES[refusal.code])

    def deliver(self, frame: Frame) -> bool:
        """Send a frame that many sockets get, behind what was told to this one. False: congested now."""
        if self._events:
            self.flush()
        self.connection.send_frame(frame)
        return not self.connection.is_congested

    @property
    def is_congested(self) -> bool:
        """Too much is unsent: the client does not keep up."""
        return self.connection.is_congested

    def flush(self) -> None:
        events, self._events = self._events, []
        if not self.closed:
            for text in frames.pack(events):
                self.connection.send_frame(Frame(text))

    def end(self, code: int) -> None:
        """Close the socket behind what was told to it."""
        if self.closed:
            return
        try:
            self.flush()
        finally:
            self._gone()
            self.connection.close_with(code)

    def _gone(self) -> None:
        if not self.closed:
            self.closed = True
            self._forget_deadline()
            self.process.sockets.forget(self)
            self.left()

    def _count_abuse(self) -> None:
        now = monotonic()
        self.refusals = self.refusals + 1 if now - self.refused_at < TOLERANCE else 1
        self.refused_at = now
        if self.refusals > ABUSE:
            self.refuse(Refusal("flood"))

    def _hello_is_late(self) -> None:
        self.refuse(Refusal("hello_late"))

    def _stalled(self) -> None:
        self.refuse(Refusal("lagging"))

    def _forget_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None


def reference_of(text: str | None) -> str | None:
    """The `id` of a frame, even of a malformed one."""
    try:
        return (read_reference(text or "{}").id or "")[:64] or None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
