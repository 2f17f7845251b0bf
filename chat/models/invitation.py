"""A one-use link that creates an account. Only the digest is stored, so a stolen backup has no valid link."""

from hashlib import sha256
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        return self.filter(used_at=None, expires_at__gt=Now())

    def of(self, token: str) -> Self:
        return self.filter(digest=Invitation.digest_of(token))


class Invitation(models.Model):
    digest = models.CharField(max_length=64, unique=True, editable=False)
    administrator = models.BooleanField(
        default=False, editable=False, help_text="Makes the first administrator."
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(editable=False)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    used_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @staticmethod
    def digest_of(token: str) -> str:
        return sha256(token.encode()).hexdigest()
