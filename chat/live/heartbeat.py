"""The heartbeat: once a second the process compares its state with the database.

It is the safety net under the channel layer. A lost hint about a message, a revoked permission or a new
display name delays the change by a second and has no other effect.
"""

from chat.limits import Limits

from . import database
from .access.changes import AccessChanges
from .access.held_messages import HeldMessages
from .access.open_sockets import Access, OpenSockets, Socket
from .access.revocation import check_access
from .feeds.feeds import Feeds
from .feeds.names import Names
from .feeds.presence import Presences
from .feeds.presence_sync import PresenceSync

BEAT = 1.0  # seconds
# Beats. Within so many, each socket is checked once even without a change: sessions expire, and commits may
# be late.
SWEEP = 30


class Heartbeat:
    def __init__(
        self,
        feeds: Feeds,
        sockets: OpenSockets,
        presence: Presences,
        presence_sync: PresenceSync,
        names: Names,
        limits: Limits,
        held: HeldMessages,
    ) -> None:
        self._feeds = feeds
        self._sockets = sockets
        self._presence = presence
        self._presence_sync = presence_sync
        self._names = names
        self._limits = limits
        self._held = held
        self._changes = AccessChanges()
        self._part = 0  # of the sweep

    async def beat(self) -> None:
        self._presence_sync.reload_if_due()
        await self._feeds.refresh_all()
        await self._revoke_changed()
        await self._held.check()
        await self._names.announce(self._feeds)
        await self._feeds.close_idle()
        self._limits.forget_full()

    async def revoke(self, user_id: int | None = None) -> None:
        """Check the sockets of one user, or of all, at once. Tell authors what became of their messages."""
        await self._check(self._sockets.access(user_id))
        await self._held.check()

    async def _revoke_changed(self) -> None:
        """Check the sockets that changes since the last beat concern, and a part of the others.

        If it fails, the next beat checks the same ones again.
        """
        if not self._sockets.users():
            return
        changes = await self._changes.read()
        if changes.concern_all:
            swept = set(self._sockets.users())
        else:
            swept = {user for user in self._sockets.users() if user % SWEEP == self._part}
        rooms = self._feeds.take_decided()
        try:
            concerned = self._sockets.concerned(changes.users | swept, changes.sessions, rooms)
            await self._check(concerned)
        except BaseException:
            self._feeds.decided |= rooms
            raise
        self._changes.seen(changes)
        self._part = (self._part + 1) % SWEEP

    async def _check(self, access: dict[Socket, Access]) -> None:
        """Close sockets whose access was revoked, and announce sanctions and names."""
        if not access:
            return
        found = await database.run(database.HEARTBEAT, check_access, access)
        self._sockets.update_sanctions(found.sanctions)
        self._sockets.revoke(found.refused)
        for user in found.renamed.values():
            self._sockets.rename(user)
            self._presence.rename(user)
        if found.renamed:
            for feed in self._feeds:
                feed.rename(found.renamed)
