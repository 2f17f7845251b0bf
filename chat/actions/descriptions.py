"""The description of a room: Markdown of several lines, rendered once, when it is written."""

from __future__ import annotations

from django.db import transaction

from chat import text
from chat.mention_tokens import with_names
from chat.models import Description, Room, User
from chat.models.description import DESCRIPTION_LENGTH
from chat.refusals import Refusal

from . import audit
from .members import lock_room, require_manager

LOGGED = 200  # characters in the audit log


def describe(room: Room, *, by: User, description: str) -> None:
    """Change the description. An empty one removes it.

    Raises Refusal: description_too_long, description_characters, no_room, not_your_room.
    """
    description = clean(description)
    html = with_names(text.render(description, web_only=True), {}) if description else ""
    with transaction.atomic():
        room = lock_room(room)
        require_manager(room, by)
        before = of(room)
        if description == (before.text if before else ""):
            return
        if description:
            fields = {"text": description, "html": html, "html_version": text.VERSION}
            Description.objects.update_or_create(room=room, defaults=fields)
        else:
            Description.objects.filter(room=room).delete()
        changed = [before.text[:LOGGED] if before else "", description[:LOGGED]]
        audit.record([audit.Decision("change_room", by, room=room, details={"description": changed})])


def of(room: Room) -> Description | None:
    return Description.objects.filter(room=room).first()


def clean(description: str) -> str:
    """Raises Refusal: description_too_long, description_characters."""
    try:
        return text.clean_words(description, DESCRIPTION_LENGTH)
    except Refusal as refusal:
        raise Refusal(f"description_{refusal.code}", limit=DESCRIPTION_LENGTH) from None
