"""What the feeds need of the sockets that read them. Feeds know no consumer, so consumers may know feeds."""

from typing import Protocol

from chat import frames

from ..connection import Frame

People = dict[int, frames.User]  # by id; replaced, never changed in place


class Reader(Protocol):
    """A client's socket in a room."""

    def deliver(self, frame: Frame) -> bool:
        """Send a frame. False: too much is unsent, and nothing more should be sent now."""

    def tell(self, *events: frames.Event) -> None:
        """Send events behind what was delivered."""

    def fall_behind(self, cursor: int, people: People) -> None:
        """The feed skips this reader, which has the changes up to `cursor` and was told of `people`.

        The reader catches up and enters the feed again.
        """

    def end(self, code: int) -> None:
        """Close the socket."""


class LobbyReader(Protocol):
    """A client's socket in the lobby."""

    @property
    def is_congested(self) -> bool:
        """Too much is unsent: tell it later."""

    def deliver(self, frame: Frame) -> bool:
        """Send a frame."""

    def end(self, code: int) -> None:
        """Close the socket."""
