"""Browsers that asked for pushes: where to send them, and the keys that encrypt them."""

from django.conf import settings
from django.db import models

ENDPOINT_LENGTH = 1_000  # characters; that of Windows is about 800


class PushSubscription(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="push_subscriptions",
        db_constraint=False,  # as in Notice
    )
    session = models.CharField(max_length=40, db_index=True, help_text="Key of the session that made it.")
    password = models.CharField(max_length=128, help_text="Hash of the password then; a new one ends it.")
    endpoint = models.CharField(max_length=ENDPOINT_LENGTH, unique=True)
    key = models.CharField(max_length=100, help_text="The browser's public key, p256dh.")
    auth = models.CharField(max_length=50, help_text="The browser's secret.")
    failures = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Pushes in a row.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"browser of {self.user_id}"
