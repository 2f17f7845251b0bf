"""The heartbeat: once a second the process compares what it knows with the database.

It is the safety net under the channel layer. A lost hint about a message, a revoked right or a changed name
costs a second and nothing more.
"""

from collections.abc import Collection

from msgspec.structs import replace

from chat import frames
from chat.limits import Limits
from chat.models import User

from . import database
from .access.open_sockets import Sockets, check
from .feeds.feeds import Feeds
from .feeds.presence import Presences
from .feeds.presence_sync import PresenceSync

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
        await self._feeds.read_rooms()
        await self.revoke()
        await self.rename()
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
            self._tell_names(found.renamed)

    async def rename(self) -> None:
        """Compare the display names that rooms here were told with the sockets here and the database."""
        people: dict[int, frames.User] = {}
        for feed in self._feeds:
            feed.rename(self._presence.people(feed.room_id))
            people |= feed.people
        if elsewhere := people.keys() - self._sockets.people():
            names = await database.run(database.HEARTBEAT, names_of, elsewhere)
            different = ((people[id], name) for id, name in names.items() if people[id].name != name)
            self._tell_names({user.id: replace(user, name=name) for user, name in different})

    def _tell_names(self, renamed: dict[int, frames.User]) -> None:
        if renamed:
            for feed in self._feeds:
                feed.rename(renamed)


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    return dict(User.objects.filter(pk__among=user_ids).values_list("pk", "name"))
