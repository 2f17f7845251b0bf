"""The heartbeat: once a second the process compares what it knows with the database.

It is the safety net under the channel layer. A lost hint about a message, a revoked right or a changed name
costs a second and nothing more.
"""

from chat.limits import Limits

from . import database
from .feeds import Feeds
from .presence import Presences
from .presence_sync import PresenceSync
from .sockets import Sockets, check

BEAT = 1.0  # seconds


class Heartbeat:
    def __init__(
        self,
        feeds: Feeds,
        sockets: Sockets,
        presence: Presences,
        presence_sync: PresenceSync,
        limits: Limits,
    ) -> None:
        self._feeds = feeds
        self._sockets = sockets
        self._presence = presence
        self._presence_sync = presence_sync
        self._limits = limits

    async def beat(self) -> None:
        self._presence_sync.reload_now_and_then()
        await self._feeds.read_heads()
        await self.revoke()
        await self._feeds.close_idle()
        self._limits.forget_full()

    async def revoke(self, user_id: int | None = None) -> None:
        """Close sockets that lost their right to be open: everybody's, or one user's."""
        if passes := self._sockets.passes(user_id):
            found = await database.run(database.HEARTBEAT, check, passes)
            self._sockets.revoke(found.refused)
            for user in found.renamed.values():
                self._sockets.rename(user)
                self._presence.rename(user)
                self._presence_sync.mark_all_stale()
