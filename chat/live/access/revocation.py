"""Revocation: whether open sockets may stay open.

A socket is closed when its user logs out, changes the password, is deactivated or deleted, or is removed from
a private room. The event `revoke` triggers the check of a user's sockets at once. The heartbeat checks all
sockets, so revocation works without a channel layer too.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from chat import frames
from chat.models import Membership, Room, User

from .open_sockets import Access, Socket


class Findings(NamedTuple):
    refused: dict[Socket, str]  # sockets that may not stay open, with a code of chat.refusals
    renamed: dict[int, frames.User]  # users with another display name, by id


def check_access(access: dict[Socket, Access]) -> Findings:
    """Compare sockets with the database. Runs in a thread. Takes at most four queries for any number."""
    granted = access.values()
    users = User.objects.filter(pk__in_array={each.identity.user.id for each in granted}, is_active=True)
    accounts = {
        id: (hash(password), name) for id, password, name in users.values_list("pk", "password", "name")
    }
    keys = {each.identity.session_key for each in granted}
    logged_in = set(
        Session.objects.filter(pk__in_array=keys, expire_date__gt=Now()).values_list("pk", flat=True)
    )
    public, members = public_rooms_and_members(granted)
    refused, renamed = {}, {}
    for socket, (identity, room_id) in access.items():
        user = identity.user
        if user.id not in accounts:
            refused[socket] = "deactivated"
            continue
        password, name = accounts[user.id]
        if name != user.name:
            renamed[user.id] = frames.User(user.id, name, user.guest)
        if identity.session_key not in logged_in or password != identity.password:
            refused[socket] = "sign_in"
        elif room_id and room_id not in public and (room_id, user.id) not in members:
            refused[socket] = "removed"
    return Findings(refused, renamed)


def public_rooms_and_members(granted: Collection[Access]) -> tuple[set[int], set[tuple[int, int]]]:
    """The ids of the public rooms, and the members of the private ones as (room id, user id)."""
    found = Room.objects.filter(pk__in_array={each.room_id for each in granted})
    rooms = dict(found.values_list("pk", "kind"))
    private = {room for room, kind in rooms.items() if kind == Room.PRIVATE}
    if not private:
        return set(rooms), set()
    users = {each.identity.user.id for each in granted if each.room_id in private}
    members = Membership.objects.filter(room__in=private, user__in=users).values_list("room", "user")
    return rooms.keys() - private, set(members)
