"""The preview of a room in a list: its latest message. A deleted or hidden one has no preview."""

from typing import Any

from django.db.models import Case, Subquery, TextField, When
from django.db.models.functions import Cast, Left

from .json_list import JsonArray
from .message import Message
from .message_queries import MentionNames

READ = 1_000  # characters of the text; the first line is shown


def preview_of(room: Any) -> Subquery:
    """An expression for the latest message of `room`, an id, as JSON. `frames.last` decodes it."""
    stored = JsonArray(
        "author_id",
        "author__name",
        Case(When(author__is_guest=True, then=1), default=0),
        Left("text", READ),
        MentionNames("mentions"),
    )
    shown = Case(When(deleted_at=None, then=Cast(stored, TextField())), output_field=TextField())
    latest = Message.objects.filter(room=room).order_by("-seq").annotate(shown=shown)
    return Subquery(latest.values("shown")[:1])
