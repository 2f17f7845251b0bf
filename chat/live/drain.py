"""The drain of a process that stops: send `bye`, finish the commits in flight, close every socket."""

import asyncio
import logging

from chat import events, frames
from chat.actions import rule_log

from . import database
from .access.open_sockets import OpenSockets
from .background import Background
from .layer import Layer
from .writing.read_marks import ReadMarks
from .writing.writer import Writer

COMMITS_WITHIN = 7.0  # seconds for the commits in flight; Docker kills the process after 10
BYE = frames.Bye(reason="restart", retry_after_ms=500)  # clients add jitter

logger = logging.getLogger(__name__)


class Drain:
    def __init__(
        self,
        sockets: OpenSockets,
        writer: Writer,
        read_marks: ReadMarks,
        layer: Layer,
        background: Background,
    ) -> None:
        self._sockets = sockets
        self._writer = writer
        self._read_marks = read_marks
        self._layer = layer
        self._background = background
        self._task: asyncio.Task[None] | None = None

    @property
    def has_begun(self) -> bool:
        return self._task is not None

    def begin(self) -> asyncio.Task[None]:
        """Drain once, however often this is called.

        Clients reconnect to another process. Presence rows stay, so a client that is back within their
        lifetime is never announced as gone.
        """
        if self._task is None:
            self._task = asyncio.ensure_future(self._drain())
        return self._task

    async def _drain(self) -> None:
        for socket in self._sockets:
            socket.send_events(BYE)
        try:
            async with asyncio.timeout(COMMITS_WITHIN):
                await self._writer.finish()
                await self._read_marks.write()
                await database.run(database.READERS, rule_log.write)
        except database.Error as error:
            logger.warning("The last read marks and applied rules were not stored: %s", str(error).strip())
        except TimeoutError:
            logger.warning("Not everything was committed within %d seconds.", COMMITS_WITHIN)
        await asyncio.sleep(0)  # the last acknowledgements are sent on this turn of the event loop
        for socket in self._sockets:
            socket.end(frames.CLOSE_RESTART)
        await self._layer.finish()
        self._background.cancel()
        events.stop_publishing()
