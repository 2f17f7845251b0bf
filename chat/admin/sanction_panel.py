"""The panel that sanctions a person, on their page and on the pages of their messages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from chat import ranks
from chat.actions import sanctions
from chat.models import Room, User

from .decision_form import SanctionForm
from .panels import Panel


def sanction_panel(request: HttpRequest, person: User, room: Room | None = None) -> list[Panel]:
    """One panel; none for oneself and for people whose rank is not lower."""
    if person.pk == request.user.pk or ranks.rank(person) >= ranks.rank(request.user):
        return []

    def sanction(_: str, values: dict[str, Any]) -> str:
        return str(sanctions.impose(person=person, by=request.user, **values["sanction"]))

    title = "Sanction the author" if room else "Sanction"
    options = {"room": room, "is_guest": person.is_guest}
    return [Panel("sanction", title, {"_sanction": "Sanction"}, sanction, SanctionForm, options)]
