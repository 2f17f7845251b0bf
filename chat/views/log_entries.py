"""The words of a room's public log. It has no names of moderators, no IP addresses, and no reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format
from django.utils.dateparse import parse_datetime

from chat.models import AuditEntry

ROLES = {"member": "a member", "moderator": "a moderator", "owner": "an owner"}
FIELDS = {  # of details, which have the names of columns
    "approve_first": "approval of first messages",
    "calm_until": "calm-down",
    "has_public_log": "public log",
    "is_locked": "lock",
    "kind": "who can join",
    "mention_all": "who can mention all",
    "posters": "who can write",
    "shows_joins": "joins and leaves",
    "slow_mode": "slow mode",
}


def in_words(entry: AuditEntry) -> str:
    """The decision in words, such as "Muted Budi until 28 Nov, 14:00"."""
    return WORDS[entry.action](entry)


def _until(entry: AuditEntry) -> str:
    until: datetime | None = parse_datetime(str(entry.details.get("until", "")))
    return f" until {format(timezone.localtime(until), 'j M Y, H:i')}" if until else ""


def _lifted(entry: AuditEntry) -> str:
    kind = entry.details.get("kind", "sanction")
    return f"Lifted a {kind} of {entry.person_name}"


def _changed(what: str) -> Callable[[AuditEntry], str]:
    def words(entry: AuditEntry) -> str:
        names = [FIELDS.get(name, name) for name in entry.details if name != "slug"]
        return f"Changed {what}: {', '.join(names)}" if names else f"Changed {what}"

    return words


def _archived(entry: AuditEntry) -> str:
    return "Archived the room" if entry.details.get("archived") else "Took the room out of the archive"


def _membership(entry: AuditEntry) -> str:
    details: dict[str, Any] = entry.details
    if details.get("after") is None and entry.actor_id == entry.person_id:
        return "Left, and the room has no owner"
    if details.get("after") is None:
        return f"Removed {entry.person_name} from the members"
    role = ROLES.get(details["after"], details["after"])
    if details.get("before") is None:
        return f"Added {entry.person_name} as {role}"
    return f"Made {entry.person_name} {role}"


WORDS: dict[str, Callable[[AuditEntry], str]] = {
    "hide": lambda entry: f"Hid a message of {entry.person_name}",
    "restore": lambda entry: f"Restored a message of {entry.person_name}",
    "mute": lambda entry: f"Muted {entry.person_name}{_until(entry)}",
    "remove": lambda entry: f"Removed {entry.person_name} from the room{_until(entry)}",
    "ban": lambda entry: f"Banned {entry.person_name}{_until(entry)}",
    "lift": _lifted,
    "pin": lambda entry: f"Pinned a message of {entry.person_name}",
    "unpin": lambda entry: f"Unpinned a message of {entry.person_name}",
    "make_link": lambda entry: "Made an invite link",
    "revoke_link": lambda entry: "Revoked an invite link",
    "hand_over": lambda entry: f"Handed the room over to {entry.person_name}",
    "set_mode": _changed("modes"),
    "set_rules": _changed("rules"),
    "change_room": _changed("the room"),
    "archive_room": _archived,
    "change_members": _membership,
}
