"""The people whom a push or a mail can reach. Nobody, where the operator configured neither."""

from collections.abc import Collection

from django.conf import settings
from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet, Value

from chat.models import Membership, NotificationSettings, PushSubscription


def pushes_are_on() -> bool:
    return bool(settings.OBROLAN_VAPID_KEY)


def mails_are_on() -> bool:
    return bool(settings.OBROLAN_DIGESTS)


def reachable(members: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those who can be reached, annotated with `has_push` and `has_mail`."""
    nobody = Value(False, BooleanField())
    browsers = Exists(PushSubscription.objects.filter(user=OuterRef("user")))
    mails = mailable().filter(user=OuterRef("user"))
    annotated = members.filter(user__is_active=True).annotate(
        has_push=browsers if pushes_are_on() else nobody,
        has_mail=Exists(mails) if mails_are_on() else nobody,
    )
    return annotated.filter(Q(has_push=True) | Q(has_mail=True))


def mailable() -> QuerySet[NotificationSettings]:
    """Of accounts that want mails and confirmed the address that they have now."""
    wanted = NotificationSettings.objects.filter(mail=True, user__is_guest=False)
    return wanted.filter(confirmed_address=F("user__email")).exclude(confirmed_address="")


def may_mail(users: Collection[int]) -> set[int]:
    """Those of the users who still get mails."""
    return set(mailable().filter(user__in_array=users).values_list("user", flat=True))
