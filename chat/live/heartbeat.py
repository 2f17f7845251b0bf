"""The heartbeat: once a second the process compares its state with the database.

It is the safety net under the channel layer. A lost hint about a message, a revoked permission or a new
display name delays the change by a second and has no other effect.
"""

from collections.abc import Collection

from msgspec.structs import replace

from chat import frames
from chat.limits import Limits
from chat.models import User

from . import database
from .access.held_messages import HeldMessages
from .access.open_sockets import OpenSockets
from .access.revocation import check_access
from .feeds.feeds import Feeds
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
        limits: Limits,
        held: HeldMessages,
    ) -> None:
        self._feeds = feeds
        self._sockets = sockets
        self._presence = presence
        self._presence_sync = presence_sync
        self._limits = limits
        self._held = held

    async def beat(self) -> None:
        self._presence_sync.reload_if_due()
        await self._feeds.refresh_all()
        await self.revoke()
        await self.rename()
        await self._feeds.close_idle()
        self._limits.forget_full()

    async def revoke(self, user_id: int | None = None) -> None:
        """Close sockets whose access was revoked, and announce sanctions: those of one user, or of all. Tell
        authors what became of their held messages.
        """
        if access := self._sockets.access(user_id):
            found = await database.run(database.HEARTBEAT, check_access, access)
            self._sockets.update_sanctions(found.sanctions)
            self._sockets.revoke(found.refused)
            for user in found.renamed.values():
                self._sockets.rename(user)
                self._presence.rename(user)
            self._announce_names(found.renamed)
            await self._held.check()

    async def rename(self) -> None:
        """Announce display names that differ from the last announcement.

        Names of people with a socket here come from these sockets, all others from the database.
        """
        people: dict[int, frames.User] = {}
        for feed in self._feeds:
            feed.rename(self._presence.people(feed.room_id))
            people |= feed.people
        if elsewhere := people.keys() - self._sockets.user_ids():
            names = await database.run(database.HEARTBEAT, names_of, elsewhere)
            different = ((people[id], name) for id, name in names.items() if people[id].name != name)
            self._announce_names({user.id: replace(user, name=name) for user, name in different})

    def _announce_names(self, renamed: dict[int, frames.User]) -> None:
        if renamed:
            for feed in self._feeds:
                feed.rename(renamed)


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in_array=user_ids).values_list("pk", "name"))
