"""A link that lets people join one room. Only the digest of its token is stored, as for invitations, which
create accounts.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

TOKEN_BYTES = 16  # 128 bits: nobody guesses one


class JoinLinkQuerySet(models.QuerySet["JoinLink"]):
    def open(self) -> Self:
        """Links that were not revoked, have not expired and are not used up, by the database's clock."""
        in_time = Q(expires_at=None) | Q(expires_at__gt=Now())
        return self.filter(in_time, Q(max_uses=None) | Q(uses__lt=F("max_uses")), revoked_at=None)

    def of(self, token: str) -> Self:
        return self.filter(digest=JoinLink.digest_of(token))


class JoinLink(models.Model):
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="join_links")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, editable=False, help_text="Null: never.")
    max_uses = models.PositiveIntegerField(null=True, editable=False, help_text="Null: without a limit.")
    uses = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = JoinLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invite link {self.pk}"

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(TOKEN_BYTES)

    @staticmethod
    def digest_of(token: str) -> str:
        return sha256(token.encode()).hexdigest()
