"""Daphne's server with a graceful shutdown: on SIGTERM it drains before it stops.

Plain Daphne drops its sockets without a close frame (clients see 1006) and does not notify the application.
"""

import asyncio
import logging
from functools import partial
from time import monotonic
from typing import Any

import daphne.server  # noqa: F401  # first: it installs Twisted's asyncio reactor
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as DaphneServer
from twisted.internet import defer, reactor

from chat.client_ip import scope_ip

from ..connection import SCOPE_KEY
from ..process import Process
from . import shutdown, streams
from .http_request import bound_bodies
from .inbox import Inbox
from .twisted_internals import check_internals, disable_log_decorators, share_options
from .websocket import WebSocket

# Autobahn's limit in both directions. frames.SENT_CHARACTERS stays below it. It is far above our own limit of
# 16 KiB for received frames, so a longer one is answered with an error and the socket stays open.
MESSAGE_BYTES = 256 * 1024
# Connections that wait in the kernel. Twisted's 50 lost handshakes when many clients reconnected.
BACKLOG = 1024
REAP_EVERY = 5  # seconds; ended connections are forgotten then,
MANY = 20  # or within a second, if there are so many
DRAIN_WITHIN = 8.0  # seconds; shutdown.GONE_WITHIN bounds the whole shutdown
KILL_WITHIN = 0.5  # seconds for cancelled tasks to end

logger = logging.getLogger(__name__)


class Server(DaphneServer):
    """Serves the project's ASGI application until SIGTERM or SIGINT, then drains."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Raises UnknownInternals."""
        check_internals()
        options |= {
            "websocket_max_message_size": MESSAGE_BYTES,
            "websocket_max_frame_size": MESSAGE_BYTES,
            "server_name": "Obrolan",
        }
        super().__init__(*args, **options)
        self.failure = ""
        self._seconds = self._to_reap = 0
        self._ports: list[Any] = []

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Like Daphne's, but a WebSocket gets a smaller inbox, and its scope carries the connection."""
        if scope["type"] != "websocket":
            queue = super().create_application(protocol, scope)
            self.connections[protocol]["application_instance"].add_done_callback(self._ended)
            return queue
        protocol.set_budgets(scope_ip(scope))
        inbox = Inbox()
        application = self.application(
            scope=scope | {"asgi": {"version": "3.0"}, SCOPE_KEY: protocol},
            receive=inbox.get,
            send=partial(self.handle_reply, protocol),
        )
        task = self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        task.add_done_callback(self._ended)
        return inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Consumers use ASGI only to accept. They send everything else through their connection. A response
        in parts waits for its client.
        """
        await super().handle_reply(protocol, message)
        if message.get("more_body"):
            await streams.sent(protocol, len(message.get("body", b"")))
        if message["type"] == "websocket.accept":
            protocol.start_flow_control()

    def application_checker(self) -> None:
        """Called every second. Daphne's goes through all connections to reap those that ended."""
        self._seconds += 1
        if self._to_reap < MANY and self._seconds % REAP_EVERY:
            asyncio.get_running_loop().call_later(1.0, self.application_checker)
        else:
            self._to_reap = 0
            super().application_checker()

    def _ended(self, application: asyncio.Future[None]) -> None:
        failed = not application.cancelled() and application.exception() is not None
        self._to_reap += MANY if failed else 1  # the client of a failed one waits for an answer

    def listen_success(self, port: Any) -> None:
        self._ports.append(port)
        share_options(self.ws_factory, WebSocket)
        disable_log_decorators()
        bound_bodies(self.http_factory)
        super().listen_success(port)

    def listen_error(self, failure: Any) -> None:
        self.failure = failure.getErrorMessage()
        self.stop()

    def run(self) -> None:
        """Serve until a signal, which ends the process. Returns only if the server could not listen."""
        reactor.callWhenRunning(shutdown.end_in_time)
        super().run()
        if not self.failure:
            shutdown.leave()

    def kill_all_applications(self) -> defer.Deferred[None]:
        """Called by Daphne at shutdown. Twisted waits for the result before it stops the event loop."""
        for port in self._ports:
            port.stopListening()
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._end()))

    async def _end(self) -> None:
        """Drain, within DRAIN_WITHIN + KILL_WITHIN: `asyncio.wait` does not wait for unfinished tasks."""
        began = monotonic()
        drain = Process.current().drain()
        await asyncio.wait([drain], timeout=DRAIN_WITHIN)
        if drain.done() and not drain.cancelled() and (error := drain.exception()):
            logger.error("The drain failed: %s", error, exc_info=error)
        if pages := self._unfinished_pages():
            await asyncio.wait(pages, timeout=max(0.0, began + DRAIN_WITHIN - monotonic()))
        if rest := [application for application in self._applications() if not application.done()]:
            for application in rest:
                application.cancel()
            await asyncio.wait(rest, timeout=KILL_WITHIN)
        if not drain.done() or any(not page.done() for page in pages):
            logger.warning("Not everything was finished within %d seconds.", DRAIN_WITHIN)

    def _unfinished_pages(self) -> list[asyncio.Future[None]]:
        return [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details and "disconnected" not in details
        ]

    def _applications(self) -> list[asyncio.Future[None]]:
        """The applications of all connections. A connection without a request has none."""
        found = (details.get("application_instance") for details in self.connections.values())
        return [application for application in found if application]


def endpoints(host: str, port: int) -> list[str]:
    """Twisted's endpoint descriptions to listen on."""
    descriptions = build_endpoint_description_strings(host=host, port=port)
    return [f"{description}:backlog={BACKLOG}" for description in descriptions]
