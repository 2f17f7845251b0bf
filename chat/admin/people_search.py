"""Search for people."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q, QuerySet

from chat import names

from .lists import Choice, Day, Search, Words, within

KINDS = {"accounts": "accounts", "guests": "guests"}
ROLES = {"moderators": "site moderators", "administrators": "administrators"}
STATES = {"active": "active", "deactivated": "deactivated", "sanctioned": "has, or had, sanctions"}


class PeopleSearch(Search):
    name = Words(label="Name", help_text="The beginning of a display name or username.")
    email = Words(label="Email address")
    kind = Choice(KINDS, label="Kind")
    role = Choice(ROLES, label="Role")
    state = Choice(STATES, label="State")
    since = Day(label="Joined from")
    until = Day(label="To")

    def filter(self, rows: QuerySet) -> QuerySet:
        values = self.values
        if name := values.get("name"):
            rows = rows.filter(begins_with("name_key", names.skeleton(name)) | begins_with("username", name))
        if email := values.get("email"):
            rows = rows.filter(email__iexact=email)
        if kind := values.get("kind"):
            rows = rows.filter(is_guest=kind == "guests")
        if role := values.get("role"):
            rows = rows.filter(is_superuser=True) if role == "administrators" else rows.filter(is_staff=True)
        if state := values.get("state"):
            rows = rows.filter(**_STATES[state])
        return within(rows, "date_joined", values)


_STATES = {
    "active": {"is_active": True},
    "deactivated": {"is_active": False},
    "sanctioned": {"is_sanctioned": True},
}
LAST = "\U0010ffff"  # sorts after every other character on SQLite


def begins_with(column: str, beginning: str) -> Q:
    """Uses the index: on PostgreSQL that for patterns, on SQLite a range, since its LIKE ignores case."""
    if not beginning:
        return Q(pk__in=[])
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": beginning})
    return Q(**{f"{column}__gte": beginning, f"{column}__lt": beginning + LAST})
