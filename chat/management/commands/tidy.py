"""`manage.py tidy`: delete expired data. It can run at any time; once a day is enough."""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from chat.actions import search_index
from chat.models import AccessChange, Device, Invitation, JoinLink, Message, Presence, PushSubscription, User

GUEST_AGE = timedelta(days=30)  # since the guest entered
KEEP_ADDRESS = timedelta(days=30)  # of a guest's entry
KEEP_LINK = timedelta(days=30)  # of a room, after it was made, once it has ended
BATCH = 500  # guests deleted in one transaction


class Command(BaseCommand):
    help = "Delete expired sessions, logins, presence, links, IP addresses, words, and old guests."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
        AccessChange.objects.old().delete()
        Device.objects.gone().delete()
        presences, _ = Presence.objects.stale().delete()
        of_session = Session.objects.filter(pk=OuterRef("session"))
        PushSubscription.objects.exclude(Exists(of_session)).delete()
        links, _ = Invitation.objects.filter(expires_at__lt=now).delete()
        ended = JoinLink.objects.filter(made_at__lt=now - KEEP_LINK).exclude(pk__in=JoinLink.objects.open())
        links += ended.delete()[0]
        AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
        entered_before = User.objects.filter(date_joined__lt=now - KEEP_ADDRESS)
        entered_before.exclude(entry_ip=None).update(entry_ip=None)
        guests = 0
        while found := list(old_guests()[:BATCH]):
            with transaction.atomic():
                User.objects.lock(found).delete()
            guests += len(found)
        words = search_index.forget_words()
        self.stdout.write(
            f"Deleted {guests} guests, {sessions} sessions, {presences} presence rows, {links} links "
            f"and {words} words of the search."
        )


def old_guests() -> QuerySet:
    """Guests who entered more than GUEST_AGE ago, wrote no message and are not present. Their sessions have
    expired: a session lasts two weeks.
    """
    return (
        User.objects.guests()
        .filter(date_joined__lt=timezone.now() - GUEST_AGE)
        .exclude(Exists(Message.objects.filter(author=OuterRef("pk"))))
        .exclude(Exists(Presence.objects.fresh().filter(user=OuterRef("pk"))))
        .values_list("pk", flat=True)
    )
