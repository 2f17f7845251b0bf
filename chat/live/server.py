"""Daphne's server with a clean end: on SIGTERM it drains before it stops.

Daphne alone drops its sockets (clients see 1006) and never tells the application.
"""

import asyncio
import logging
from functools import partial
from typing import Any

import daphne.server  # noqa: F401  # first: it installs Twisted's asyncio reactor
from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server as DaphneServer
from django.conf import settings
from twisted.internet import defer

from chat import frames

from . import websocket
from .connection import SCOPE_KEY
from .inbox import Inbox
from .process import Process
from .twisted_internals import check_internals, disable_log_decorators, share_options
from .websocket import WebSocket

# Of what we send (frames.SENT_CHARACTERS stays below it) and of what we take in: far above our own limit of
# 16 KiB, so that a frame which is merely too long gets its error, and the socket lives on.
MESSAGE_BYTES = 256 * 1024
BACKLOG = 1024  # connections the kernel holds until we accept; Twisted's 50 lost handshakes in a storm
DRAIN_WITHIN = 8.0  # seconds; Docker kills after 10

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
        if settings.OBROLAN_PROXY:  # only behind the proxy, which overwrites it: clients can send it too
            options |= {
                "proxy_forwarded_address_header": "X-Forwarded-For",
                "proxy_forwarded_proto_header": "X-Forwarded-Proto",
            }
        super().__init__(*args, **options)
        self.failure = ""
        self._ports: list[Any] = []

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """As Daphne does it, but a WebSocket gets a smaller inbox, and its scope the connection."""
        if scope["type"] != "websocket":
            return super().create_application(protocol, scope)
        inbox = Inbox()
        application = self.application(
            scope=scope | {"asgi": {"version": "3.0"}, SCOPE_KEY: protocol},
            receive=inbox.get,
            send=partial(self.handle_reply, protocol),
        )
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        return inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Consumers accept by way of ASGI; everything else they send by their connection."""
        await super().handle_reply(protocol, message)
        if message["type"] == "websocket.accept":
            protocol.start_flow_control()

    def listen_success(self, port: Any) -> None:
        self._ports.append(port)
        share_options(
            self.ws_factory,
            WebSocket,
            input_rate=max(websocket.INPUT_RATE, settings.OBROLAN_POST_RATE * frames.FRAME_BYTES),
            input_burst=max(websocket.INPUT_BURST, float(settings.OBROLAN_POST_BURST * frames.FRAME_BYTES)),
        )
        disable_log_decorators()
        super().listen_success(port)

    def listen_error(self, failure: Any) -> None:
        self.failure = failure.getErrorMessage()
        self.stop()

    def kill_all_applications(self) -> defer.Deferred[None]:
        """Twisted waits for this before it stops: our drain, and only then Daphne's own end."""
        for port in self._ports:
            port.stopListening()
        drained = defer.Deferred.fromFuture(asyncio.ensure_future(self._drain()))
        return drained.addCallback(lambda _: self._kill_the_rest())

    async def _drain(self) -> None:
        """Let the sockets say goodbye, and the pages that are being made be finished."""
        try:
            async with asyncio.timeout(DRAIN_WITHIN):
                await Process.current().drain()
                await asyncio.gather(*self.pages_in_the_making(), return_exceptions=True)
        except TimeoutError:
            logger.warning("Not everything was finished within %d seconds.", DRAIN_WITHIN)

    def pages_in_the_making(self) -> list[asyncio.Future[None]]:
        return [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details and "disconnected" not in details
        ]

    def _kill_the_rest(self) -> Any:
        for details in self.connections.values():  # Daphne's own expects one in each
            details.setdefault("application_instance", asyncio.ensure_future(asyncio.sleep(0)))
        return super().kill_all_applications()


def endpoints(host: str, port: int) -> list[str]:
    places = build_endpoint_description_strings(host=host, port=port)
    return [f"{place}:backlog={BACKLOG}" for place in places]
