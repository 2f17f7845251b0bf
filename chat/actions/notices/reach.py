"""The people whom a push or a mail can reach. Nobody, where the operator configured neither."""

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value

from chat.models import Membership, NotificationSettings, PushSubscription


def pushes_are_on() -> bool:
    return bool(settings.OBROLAN_VAPID_KEY)


def mails_are_on() -> bool:
    return bool(settings.OBROLAN_DIGESTS)


def reachable(members: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those who can be reached, annotated with `has_push` and `has_mail`."""
    nobody = Value(False, BooleanField())
    browsers = Exists(PushSubscription.objects.filter(user=OuterRef("user")))
    no_mail = NotificationSettings.objects.filter(user=OuterRef("user"), mail=False)
    has_address = Q(user__is_guest=False) & ~Q(user__email="") & ~Exists(no_mail)
    annotated = members.filter(user__is_active=True).annotate(
        has_push=browsers if pushes_are_on() else nobody,
        has_mail=ExpressionWrapper(has_address, BooleanField()) if mails_are_on() else nobody,
    )
    return annotated.filter(Q(has_push=True) | Q(has_mail=True))
