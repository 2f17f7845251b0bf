"""The watchers of the lobby feed: clients, and the rooms that their pages list.

They are found by room and by user, so an update costs nothing for those whom it does not concern.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from .reader import LobbyReader

MAX_LISTED = 200  # rooms of a watcher, with new ones; beyond it new rooms appear when the page is reloaded


class Watcher:
    """A client, the rooms that its page lists, and the last event that it was sent for each."""

    __slots__ = (
        "_index",
        "adds_joined",
        "client",
        "is_behind",
        "listed",
        "newest",
        "others",
        "sent",
        "shown",
        "slugs",
        "user_id",
    )

    def __init__(
        self,
        client: LobbyReader,
        user_id: int,
        slugs: Iterable[str],
        newest: int | None,
        adds_joined: bool,
        shown: int | None,
        index: defaultdict[int, set[Watcher]],
    ) -> None:
        self.client = client
        self.user_id = user_id
        self.slugs = frozenset(slugs)  # as the page lists them; the next snapshot looks them up
        self.newest = newest  # id of the newest room when the page was rendered; None: it shows no new rooms
        self.adds_joined = adds_joined  # it lists rooms that the user joins later
        self.shown = shown  # id of the newest room when the page was rendered, also where `newest` is None
        self.listed: dict[int, str] = {}  # room id → slug; changed by `add` and `drop` only
        self.others: Collection[int] = ()  # ids of the user's rooms that the page did not list
        self.is_behind = False  # it was skipped because it was congested
        self.sent: dict[int, str] | None = None  # room id → encoded event; None before the first update
        self._index = index

    def add(self, room_id: int, slug: str) -> None:
        """List a room, or its new slug, if there is space."""
        if room_id in self.listed or len(self.listed) < MAX_LISTED:
            self.listed[room_id] = slug
            self._index[room_id].add(self)

    def drop(self, room_id: int) -> str:
        """Returns the slug."""
        self._index[room_id].discard(self)
        if not self._index[room_id]:
            del self._index[room_id]
        return self.listed.pop(room_id)


class Watchers:
    def __init__(self) -> None:
        self._by_client: dict[LobbyReader, Watcher] = {}
        self._by_room: defaultdict[int, set[Watcher]] = defaultdict(set)
        self._by_user: defaultdict[int, set[Watcher]] = defaultdict(set)
        self._unserved: set[Watcher] = set()  # new ones, and those that were congested

    def add(
        self,
        client: LobbyReader,
        user_id: int,
        slugs: Iterable[str],
        newest: int | None,
        adds_joined: bool,
        shown: int | None,
    ) -> None:
        """The client's former watcher ends."""
        self.remove(client)
        watcher = Watcher(client, user_id, slugs, newest, adds_joined, shown, self._by_room)
        self._by_client[client] = watcher
        self._by_user[user_id].add(watcher)
        self._unserved.add(watcher)

    def remove(self, client: LobbyReader) -> None:
        watcher = self._by_client.pop(client, None)
        if watcher is None:
            return
        for room_id in list(watcher.listed):
            watcher.drop(room_id)
        self._unserved.discard(watcher)
        self._by_user[watcher.user_id].discard(watcher)
        if not self._by_user[watcher.user_id]:
            del self._by_user[watcher.user_id]

    def served(self, watcher: Watcher, *, fully: bool) -> None:
        (self._unserved.discard if fully else self._unserved.add)(watcher)

    def rooms(self) -> set[int]:
        return set(self._by_room)

    def users(self) -> set[int]:
        return set(self._by_user)

    def unserved(self) -> set[Watcher]:
        return set(self._unserved)

    def concerned(
        self, rooms: Collection[int], users: Collection[int], *, with_new_rooms: bool
    ) -> set[Watcher]:
        """The served ones that list one of these rooms, or are of these users."""
        found: set[Watcher] = set()
        for room_id in rooms:
            found |= self._by_room.get(room_id, set())
        for user_id in users:
            found |= self._by_user.get(user_id, set())
        if with_new_rooms:
            found.update(watcher for watcher in self if watcher.newest is not None)
        return {watcher for watcher in found if watcher.sent is not None}

    def __contains__(self, watcher: Watcher) -> bool:
        """Whether it neither ended nor was replaced."""
        return self._by_client.get(watcher.client) is watcher

    def __iter__(self) -> Iterator[Watcher]:
        return iter(self._by_client.values())

    def __len__(self) -> int:
        return len(self._by_client)
