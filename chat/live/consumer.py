"""A socket: frames in, checked and typed; events out, many in one frame. Room and lobby build on it.

Nothing that a client sends, and no fault of the database, ever closes the socket by accident: each frame
has one catch, and what it catches becomes an `error` event.
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

from . import database, sending
from .draining import BYE
from .handshake import Arrival
from .identity import Identity, session_key
from .process import Process

HELLO_WITHIN = 10  # seconds
ABUSE = 100  # refusals for speed, with no pause of TOLERANCE between them: then the socket is closed
TOLERANCE = 10.0  # seconds
CLOSES = {  # refusals that end the socket
    "hello_late": frames.CLOSE_SILENT,
    "sign_in": frames.CLOSE_SIGN_IN,
    "removed": frames.CLOSE_BANNED,
    "deactivated": frames.CLOSE_BANNED,
    "no_room": frames.CLOSE_NO_ROOM,
    "lagging": frames.CLOSE_SILENT,
    "too_many_sockets": frames.CLOSE_TOO_MANY,
    "flood": frames.CLOSE_FLOOD,
}

logger = logging.getLogger(__name__)


class Reference(msgspec.Struct):
    """All that can be read of a frame that is not well formed otherwise: which command it was."""

    id: str | None = None


read_reference = msgspec.json.Decoder(Reference).decode


class Socket(AsyncWebsocketConsumer):
    channel_layer_alias = None  # a layer's error inside a consumer would close it: the process talks to it

    process: Process
    ip = ""
    refused_at = refusals = 0.0  # for speed
    identity: Identity | None = None  # known from `hello` on
    closed = False

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Channels' loop without its extra task for each frame."""
        self.scope, self.base_send = scope, send
        self.process = Process.current()
        self.ip = scope_ip(scope)
        self.bucket = self.process.limits.for_socket()
        self._events: list[str] = []  # to leave together at the end of this turn of the loop
        self._waiting: list[sending.Message] = []  # behind a `send` that has not ended (see sending.py)
        self._sending: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        while not await self.dispatch(await receive()):
            pass

    async def dispatch(self, message: dict[str, Any]) -> bool:  # type: ignore[override]
        """True at the end. Channels' own would hop to a thread before each frame, to close connections
        that this loop never opens: 122,000 deliveries/s instead of 309,000."""
        if message["type"] == "websocket.receive":
            await self.receive_frame(message.get("text"))
        elif message["type"] == "websocket.connect":
            await self.accept()
            if self.process.is_draining:  # some servers accept until the drain is over
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
                self.scope["headers"].clear()  # thousands of idle sockets need not remember their requests
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
        """Ask who this is, and whether they may enter, while their `hello` is under way."""
        slug = self.scope["url_route"]["kwargs"].get("slug")
        self._arrival = self.process.handshakes.knock(session_key(self.scope), slug)
        self._arrival.add_done_callback(self._turn_away)

    def _turn_away(self, arrival: asyncio.Future[Arrival]) -> None:
        if isinstance(refusal := arrival.exception(), Refusal):
            self.refuse(refusal)

    async def arrival(self) -> Arrival:
        """Raises Refusal: sign_in, no_room; and what the database raises, which is asked again next time."""
        try:
            return await asyncio.shield(self._arrival)  # a socket that ends meanwhile cancels only its wait
        except database.FAILED:
            self._knock()
            raise

    async def hello(self, command: frames.Hello) -> None:
        """Authorise, welcome and bring up to date. Raises Refusal."""
        raise NotImplementedError

    def obey(self, command: frames.AnyCommand) -> None:
        """Do what is asked, now or by way of the writer. Raises Refusal."""
        raise NotImplementedError

    def left(self) -> None:
        """The socket is gone."""

    # ── out ──────────────────────────────────────────────────────────────────────────────────────

    def tell(self, *events: frames.Event) -> None:
        """Send events at the end of this turn of the event loop, in one frame if they fit."""
        if not self._events:
            asyncio.get_running_loop().call_soon(self.flush)
        self._events += map(frames.encode, events)

    def refuse(self, refusal: Refusal, *, id: str | None = None, text: str | None = None) -> None:
        """Answer a command that was not done, by its id; some refusals end the socket."""
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

    def deliver(self, messages: list[sending.Message]) -> None:
        """Send frames that are the same for many sockets, behind what was told to this one."""
        if self._events:
            self.flush()
        for message in messages:
            self.transmit(message)

    def flush(self) -> None:
        events, self._events = self._events, []
        for message in sending.shared(frames.pack(events)):
            self.transmit(message)

    def transmit(self, message: sending.Message) -> None:
        if self.closed:
            return
        if self._sending:
            self._waiting.append(message)
            return
        self._sending = sending.start(self.base_send(message))
        if self._sending:
            self._sending.add_done_callback(self._go_on)

    def _go_on(self, sent: asyncio.Task[None]) -> None:
        self._sending = None
        if sent.cancelled() or sent.exception():  # the client went away meanwhile
            return
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self.transmit(message)

    def end(self, code: int) -> None:
        """Close the socket behind what was told to it."""
        if self.closed:
            return
        self.flush()
        self._gone()
        sending.start(self.base_send({"type": "websocket.close", "code": code}))

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

    def _forget_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None


def reference_of(text: str | None) -> str | None:
    """The `id` of a frame, even of one that was refused as a whole."""
    try:
        return (read_reference(text or "{}").id or "")[:64] or None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
