"""Devices: the sessions of accounts, with what a person needs to recognise them."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Now

AGENT_LENGTH = 60  # characters, such as "Firefox on Windows"
PLACE_LENGTH = 45  # characters of a shortened IP address
SEEN_EVERY = timedelta(minutes=5)  # how exact `seen_at` is


class DeviceQuerySet(models.QuerySet["Device"]):
    def signed_in(self) -> Self:
        """Those whose session exists and has not expired."""
        sessions = Session.objects.filter(expire_date__gt=Now())
        return self.filter(session_key__in=sessions.values("pk"))

    def gone(self) -> Self:
        return self.exclude(session_key__in=Session.objects.values("pk"))


class Device(models.Model):
    """A session of an account: the browser and system in words, and where it comes from, roughly.

    `session_key` is the key of Django's table of sessions, which "log out there" deletes. It is not a foreign
    key: Django deletes sessions in many places, and none of them should have to know this table.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    agent = models.CharField(max_length=AGENT_LENGTH, blank=True)
    place = models.CharField(max_length=PLACE_LENGTH, blank=True, help_text="The first part of the address.")
    created_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())

    objects = DeviceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.agent
