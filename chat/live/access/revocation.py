"""Revocation: whether open sockets may stay open, and which sanctions their users have.

A socket is closed when its user logs out, changes the password, is deactivated or deleted, is banned, or is
removed from the room. It is told about all sanctions. The event `revoke` triggers the check of a user's
sockets at once. The heartbeat checks the sockets that changes concern, so both work without a channel layer.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from chat import frames, standing
from chat.models import Membership, Room, User
from chat.refusals import Refusal

from .open_sockets import Access, Sanctions, Socket

SESSION_MOVES_WITHIN = 2_000  # milliseconds


class Findings(NamedTuple):
    refused: dict[Socket, Refusal]  # sockets that may not stay open
    renamed: dict[int, frames.User]  # users with another display name or picture, by id
    sanctions: dict[Socket, tuple[Sanctions, int]]  # and Room.decisions, of the other sockets


class RoomRow(NamedTuple):
    id: int
    kind: str
    decisions: int


class Account(NamedTuple):
    """The columns of a user that are compared."""

    id: int
    password: str
    name: str
    is_sanctioned: bool
    is_guest: bool
    entry_ip: str | None
    picture: str

    @property
    def shown(self) -> frames.User:
        return frames.person(self.id, self.name, self.is_guest, self.picture)


def check_access(access: dict[Socket, Access]) -> Findings:
    """Compare sockets with the database. Runs in a thread.

    Takes at most four queries for any number, and a fifth if somebody has, or had, a sanction. Rooms are read
    first: if a decision is made between the queries, `Room.decisions` is too old, and posts check again.
    """
    granted = access.values()
    rooms = rooms_of(granted)
    accounts = accounts_of(granted)
    in_force = standing.in_force(
        User(pk=account.id, is_sanctioned=True, is_guest=account.is_guest, entry_ip=account.entry_ip)
        for account in accounts.values()
        if account.is_sanctioned
    )
    keys = {each.identity.session_key for each in granted}
    logged_in = set(
        Session.objects.filter(pk__in_array=keys, expire_date__gt=Now()).values_list("pk", flat=True)
    )
    members = members_of_private(rooms, granted)
    found = Findings({}, {}, {})
    for socket, (identity, room_id) in access.items():
        user, account, room = identity.user, accounts.get(identity.user.id), rooms.get(room_id or 0)
        if account is None:
            is_deleted = identity.session_key not in logged_in  # by the person, with the sessions
            found.refused[socket] = Refusal("sign_in" if is_deleted else "deactivated")
            continue
        if account.shown != user:
            found.renamed[user.id] = account.shown
        own = in_force.get(user.id, [])
        is_outside = room is None or (room.kind != Room.PUBLIC and (room_id, user.id) not in members)
        if identity.session_key not in logged_in or hash(account.password) != identity.password:
            # The browser of a guest who became an account has a new session, so its tabs connect again.
            is_upgraded = user.guest and not account.is_guest
            found.refused[socket] = session_moved() if is_upgraded else Refusal("sign_in")
        elif barring := standing.barring(own, room_id):
            found.refused[socket] = standing.Sanctioned(barring, user.id)
        elif room_id and is_outside:
            found.refused[socket] = Refusal("removed")
        else:
            decisions = room.decisions if room else Room.UNKNOWN_DECISIONS
            found.sanctions[socket] = standing.states(own, user.id, room_id), decisions
    return found


def session_moved() -> Refusal:
    """The client connects again once its browser has the new session."""
    return Refusal("session_moved", retry_after_ms=SESSION_MOVES_WITHIN)


def rooms_of(granted: Collection[Access]) -> dict[int, RoomRow]:
    found = Room.objects.filter(pk__in_array={each.room_id for each in granted})
    return {row[0]: RoomRow(*row) for row in found.values_list("pk", "kind", "decisions")}


def accounts_of(granted: Collection[Access]) -> dict[int, Account]:
    """The active users, by id."""
    users = User.objects.filter(pk__in_array={each.identity.user.id for each in granted}, is_active=True)
    columns = ("pk", "password", "name", "is_sanctioned", "is_guest", "entry_ip", "picture")
    return {row[0]: Account(*row) for row in users.values_list(*columns)}


def members_of_private(rooms: dict[int, RoomRow], granted: Collection[Access]) -> set[tuple[int, int]]:
    """The members of the private rooms among these, as (room id, user id)."""
    private = {room.id for room in rooms.values() if room.kind != Room.PUBLIC}
    if not private:
        return set()
    users = {each.identity.user.id for each in granted if each.room_id in private}
    return set(Membership.objects.filter(room__in=private, user__in=users).values_list("room", "user"))
