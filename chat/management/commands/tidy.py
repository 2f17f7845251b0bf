"""`manage.py tidy`: remove what nobody needs any more. Safe at any time; once a day is enough."""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from chat.models import Invitation, Message, Presence, User

GUEST_AGE = timedelta(days=30)  # since they came
AT_ONCE = 500  # guests deleted in one transaction


class Command(BaseCommand):
    help = "Delete old sign-ins, failed logins, presence and links, and guests of long ago who never wrote."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
        presences, _ = Presence.objects.stale().delete()
        links, _ = Invitation.objects.filter(expires_at__lt=now).delete()
        AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
        guests = 0
        while found := list(forgotten_guests()[:AT_ONCE]):
            User.objects.filter(pk__in=found).delete()
            guests += len(found)
        self.stdout.write(
            f"Deleted {guests} guests, {sessions} sessions, {presences} presences and {links} links."
        )


def forgotten_guests() -> QuerySet:
    """Who came over GUEST_AGE ago, wrote nothing and is not here. A guest's sign-in lasts two weeks."""
    return (
        User.objects.guests()
        .filter(date_joined__lt=timezone.now() - GUEST_AGE)
        .exclude(Exists(Message.objects.filter(author=OuterRef("pk"))))
        .exclude(Exists(Presence.objects.fresh().filter(user=OuterRef("pk"))))
        .values_list("pk", flat=True)
    )
