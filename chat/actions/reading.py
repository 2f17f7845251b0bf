"""How far people have read."""

from collections.abc import Mapping

from django.db import transaction

from chat.models import Membership


def mark_read(marks: Mapping[tuple[int, int], int]) -> None:
    """Move the marks of members, {(room id, user id): seq}, forward; never back."""
    with transaction.atomic():
        for (room, user), seq in marks.items():
            Membership.objects.filter(room=room, user=user, last_read__lt=seq).update(last_read=seq)
