"""Reports by members, and the cases in which moderators decide about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

if TYPE_CHECKING:
    from .message import Message
    from .room import Room
    from .user import User

WORDS_LENGTH = 500  # characters
OUTCOME_LENGTH = 200  # characters


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def about(self, person: User, room: Room | None, message: Message | None) -> Self:
        """The cases about this message; without one, about this person in this room or on the site."""
        if message is not None:
            return self.filter(message=message)
        return self.filter(person=person, room=room, seq=None)


class Case(models.Model):
    """All reports about a message, or about a person in a room or on the site, until a moderator closes it.

    `text` is what the message said when it was reported first. `seq` stays when the message is deleted.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cases")
    message = models.ForeignKey(
        "chat.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    room = models.ForeignKey(
        "chat.Room", on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    seq = models.BigIntegerField(null=True, editable=False, help_text="Of the message. Null: a person.")
    text = models.TextField(blank=True, editable=False)
    opened_at = models.DateTimeField(db_default=Now())
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(
        max_length=OUTCOME_LENGTH, blank=True, help_text="What was done, such as “Muted for 1 hour”."
    )
    answer = models.TextField(max_length=WORDS_LENGTH, blank=True, help_text="The reporters are told this.")

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message"],
                condition=models.Q(closed_at=None, message__isnull=False),
                name="one_open_case_per_message",
            ),
            models.UniqueConstraint(
                fields=["person", "room"],
                condition=models.Q(closed_at=None, seq=None, room__isnull=False),
                name="one_open_case_per_person_and_room",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(closed_at=None, seq=None, room=None),
                name="one_open_case_per_person",
            ),
        ]
        indexes = [
            models.Index(fields=["opened_at"], name="open_cases", condition=models.Q(closed_at=None)),
            models.Index(
                fields=["closed_at"],
                name="cases_to_purge",
                condition=~models.Q(closed_at=None) & ~models.Q(text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Case {self.pk}: {self.person}"


class ReportQuerySet(models.QuerySet["Report"]):
    def untold(self) -> Self:
        """Reports with an outcome that the reporter has not seen."""
        return self.filter(told_at=None, case__closed_at__isnull=False)


class Report(models.Model):
    """A report by one person, for a case."""

    SPAM, ABUSE, PRIVATE, OTHER = "spam", "abuse", "private", "other"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reports")
    reason = models.CharField(
        max_length=7,
        choices={
            SPAM: "Spam or advertising",
            ABUSE: "Insults, threats or harassment",
            PRIVATE: "Somebody's private data",
            OTHER: "Something else",
        },
    )
    words = models.TextField(max_length=WORDS_LENGTH, blank=True, help_text="Optional.")
    created_at = models.DateTimeField(db_default=Now())
    told_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The reporter has seen the outcome."
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "reporter"], name="one_report_per_reporter")]
        indexes = [models.Index(fields=["reporter"], name="untold_reports", condition=models.Q(told_at=None))]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.reporter})"
