"""The interfaces of sockets that feeds need. Feeds depend on these protocols and on no consumer."""

from typing import Protocol

from chat import frames
from chat.refusals import Refusal

from ..connection import Frame
from .people import People


class Reader(Protocol):
    """A client's socket in a room."""

    def deliver(self, frame: Frame) -> bool:
        """Send a frame. Returns False when too much is unsent, and nothing more should be sent now."""

    def send_events(self, *events: frames.Event) -> None:
        """Send events, after the delivered frames."""

    def fall_behind(self, cursor: int, people: People) -> None:
        """Called when the broadcast stops sending to this reader because it is congested.

        The client has the changes up to `cursor` and this list of people. The reader catches up and enters
        the feed again.
        """

    def refuse(self, refusal: Refusal) -> None:
        """Send an error, and close the socket if the refusal does."""

    def end(self, code: int) -> None:
        """Close the socket."""


class LobbyReader(Protocol):
    """A client's socket in the lobby."""

    @property
    def is_congested(self) -> bool:
        """Too much is unsent: send changes later."""

    def deliver(self, frame: Frame) -> bool:
        """Send a frame."""

    def end(self, code: int) -> None:
        """Close the socket."""
