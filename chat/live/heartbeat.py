"""The heartbeat: once a second the process compares its state with the database.

It is the safety net under the channel layer. A lost hint about a message, a revoked permission or a new
display name delays the change by a second and has no other effect.
"""

from chat import frames
from chat.limits import Limits

from . import database
from .access.open_sockets import OpenSockets
from .access.revocation import check_access
from .feeds.feeds import Feeds
from .feeds.names import Names
from .feeds.presence import Presences
from .feeds.presence_sync import PresenceSync

BEAT = 1.0  # seconds


class Heartbeat:
    def __init__(
        self,
        feeds: Feeds,
        sockets: OpenSockets,
        presence: Presences,
        presence_sync: PresenceSync,
        names: Names,
        limits: Limits,
    ) -> None:
        self._feeds = feeds
        self._sockets = sockets
        self._presence = presence
        self._presence_sync = presence_sync
        self._names = names
        self._limits = limits

    async def beat(self) -> None:
        self._presence_sync.reload_if_due()
        await self._feeds.refresh_all()
        await self.revoke()
        await self.rename()
        await self._feeds.close_idle()
        self._limits.forget_full()

    async def revoke(self, user_id: int | None = None) -> None:
        """Close sockets whose access was revoked: those of one user, or of all."""
        if access := self._sockets.access(user_id):
            found = await database.run(database.HEARTBEAT, check_access, access)
            self._sockets.revoke(found.refused)
            for user in found.renamed.values():
                self._sockets.rename(user)
                self._presence.rename(user)
            self._announce_names(found.renamed)

    async def rename(self) -> None:
        """Announce display names that differ from the last announcement.

        Names of people with a socket here come from these sockets, all others from the database.
        """
        for feed in self._feeds:
            feed.rename(self._presence.people(feed.room_id))
        await self._names.announce(self._feeds)

    def _announce_names(self, renamed: dict[int, frames.User]) -> None:
        if renamed:
            for feed in self._feeds:
                feed.rename(renamed)
