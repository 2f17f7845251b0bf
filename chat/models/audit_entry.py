"""The audit log: one row per decision, chained by hash. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Never

from django.db import models

HASH_LENGTH = 64  # SHA-256 in hexadecimal
READ_AT_ONCE = 2_000  # entries
APPEND_ONLY = "Entries of the audit log are never changed or deleted."


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **_: Any) -> Never:
        raise TypeError(APPEND_ONLY)

    def delete(self) -> Never:
        raise TypeError(APPEND_ONLY)

    def oldest_first(self) -> Iterator[AuditEntry]:
        """The entries by number. READ_AT_ONCE of them are in memory.

        A cursor in PostgreSQL would be lost behind a PgBouncer, so each part is a query of its own.
        """
        entries = self.order_by("number")
        part = list(entries[:READ_AT_ONCE])
        while part:
            yield from part
            part = list(entries.filter(number__gt=part[-1].number)[:READ_AT_ONCE])


class AuditEntry(models.Model):
    """A decision: the actor, the person, the room, the reason, the time and the IP address.

    It has ids and names instead of foreign keys: an entry must never change, also when a person is deleted.
    `hash` covers all other columns and the hash of the previous entry (`actions.audit`). The database
    refuses changes too: migration 0013 adds a trigger.
    """

    number = models.BigIntegerField(primary_key=True, help_text="1, 2, 3 … without a gap.")
    at = models.DateTimeField()
    action = models.CharField(max_length=40, help_text="Such as mute, hide or close_case.")
    actor_id = models.BigIntegerField(null=True, help_text="Null: Obrolan itself.")
    actor_name = models.CharField(max_length=150, blank=True)
    person_id = models.BigIntegerField(null=True)
    person_name = models.CharField(max_length=150, blank=True)
    room_id = models.BigIntegerField(null=True)
    room_name = models.CharField(max_length=100, blank=True)
    seq = models.BigIntegerField(null=True, help_text="The number of the message in the room.")
    reason = models.TextField(blank=True)
    address = models.CharField(max_length=45, blank=True, help_text="The actor's IP address.")
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=HASH_LENGTH, help_text="The hash of the entry before.")
    hash = models.CharField(max_length=HASH_LENGTH)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["at"], name="audit_by_date"),
            models.Index(fields=["actor_id", "-number"], name="audit_by_actor"),
            models.Index(fields=["person_id", "-number"], name="audit_by_person"),
            models.Index(fields=["room_id", "-number"], name="audit_by_room"),
            models.Index(fields=["action", "-number"], name="audit_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.action}"

    def save(self, *_: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError(APPEND_ONLY)
        super().save(force_insert=True, using=options.get("using"))

    def delete(self, *_: Any, **__: Any) -> Never:
        raise TypeError(APPEND_ONLY)


class AuditHead(models.Model):
    """The latest entry of the audit log: one row. Its lock decides which entry comes next."""

    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=HASH_LENGTH, blank=True)

    def __str__(self) -> str:
        return f"{self.number}"
