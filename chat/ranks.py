"""Ranks, and the table of moderation: which rank may do what, and to whom.

docs/moderation.md shows the same table. A test compares the two.
"""

from enum import IntEnum

from .models import Membership, User
from .refusals import Refusal


class Rank(IntEnum):
    """The rank of a person in a room. On the site there are members, site moderators and administrators."""

    MEMBER = 1
    ROOM_MODERATOR = 2
    ROOM_OWNER = 3
    SITE_MODERATOR = 4
    ADMINISTRATOR = 5


# The lowest rank for each action. Actions on a person also need a higher rank than that person's.
LOWEST = {
    "report": Rank.MEMBER,  # a message or a person
    "appeal": Rank.MEMBER,  # once for each sanction of one's own
    "hide": Rank.ROOM_MODERATOR,  # and restore, somebody else's message
    "warn": Rank.ROOM_MODERATOR,
    "mute": Rank.ROOM_MODERATOR,
    "remove": Rank.ROOM_MODERATOR,  # from the room
    "ban": Rank.ROOM_MODERATOR,  # from the room
    "lift": Rank.ROOM_MODERATOR,  # a sanction in the room, and answer the appeal
    "decide_case": Rank.ROOM_MODERATOR,  # cases of the room
    "pin": Rank.ROOM_MODERATOR,  # and unpin a message
    "invite": Rank.ROOM_MODERATOR,  # make and revoke invite links of the room
    "decide_held": Rank.ROOM_MODERATOR,  # approve or refuse messages that wait
    "set_mode": Rank.ROOM_MODERATOR,  # slow mode, calm-down, lock
    "set_rules": Rank.ROOM_OWNER,  # word and link rules, first messages, who can write, public log
    "change_room": Rank.ROOM_OWNER,  # name, topic, description, kind
    "archive_room": Rank.ROOM_OWNER,
    "change_members": Rank.ROOM_OWNER,  # add, remove, change roles
    "hand_over": Rank.ROOM_OWNER,  # one's own ownership, to another member
    "sanction_site": Rank.SITE_MODERATOR,  # warn, mute and ban on the whole site, and lift it
    "ban_address": Rank.SITE_MODERATOR,
    "remove_picture": Rank.SITE_MODERATOR,
    "deactivate": Rank.SITE_MODERATOR,  # and reactivate an account
    "see_private": Rank.SITE_MODERATOR,  # a private room, with a reason that is logged
    "read_audit_log": Rank.SITE_MODERATOR,
    "set_site_rules": Rank.SITE_MODERATOR,
    "delete_room": Rank.ADMINISTRATOR,  # and restore it
    "delete_person": Rank.ADMINISTRATOR,
    "set_role": Rank.ADMINISTRATOR,  # of an account on the site
}
ON_PERSONS = {  # not "set_role": administrators also take the role from each other
    "hide", "warn", "mute", "remove", "ban", "lift", "decide_case", "sanction_site", "deactivate",
    "delete_person", "remove_picture",
}  # fmt: skip
MUTUAL = {"decide_case", "deactivate", "delete_person"}  # administrators decide so about each other
SITE_ROLES = {  # of accounts
    Rank.MEMBER: "member",
    Rank.SITE_MODERATOR: "site moderator",
    Rank.ADMINISTRATOR: "administrator",
}
ROLES = {
    Membership.MEMBER: Rank.MEMBER,
    Membership.MODERATOR: Rank.ROOM_MODERATOR,
    Membership.OWNER: Rank.ROOM_OWNER,
}


def rank(user: User, membership: Membership | None = None) -> Rank:
    """The rank of a user in the room of this membership; without one, on the site."""
    if user.is_superuser:
        return Rank.ADMINISTRATOR
    if user.is_staff:
        return Rank.SITE_MODERATOR
    return ROLES[membership.role] if membership else Rank.MEMBER


def may(action: str, by: Rank) -> bool:
    return by >= LOWEST[action]


def require(action: str, by: Rank, *, on: Rank | None = None) -> None:
    """Raises Refusal: not_allowed, if the rank is too low; not_above_you, unless `on` is lower than `by` or
    both are administrators, for an action of MUTUAL.
    """
    if not may(action, by):
        raise Refusal("not_allowed", rank=LOWEST[action].name.replace("_", " ").lower())
    is_mutual = action in MUTUAL and by == Rank.ADMINISTRATOR
    if on is not None and on >= by and not is_mutual:
        raise Refusal("not_above_you")
