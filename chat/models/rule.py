"""Word and link rules: messages that are refused, held for approval, or masked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

PATTERN_LENGTH, EXPLANATION_LENGTH = 100, 200  # characters


class Rule(models.Model):
    """A rule of one room. Without a room it applies to the whole site."""

    WORD, LINK = "word", "link"
    REFUSE, HOLD, MASK = "refuse", "hold", "mask"
    KINDS = {WORD: "word", LINK: "link"}
    EFFECTS = {REFUSE: "refuse the message", HOLD: "hold it for approval", MASK: "mask the word"}

    room = models.ForeignKey(
        "chat.Room", on_delete=models.CASCADE, null=True, blank=True, related_name="rules"
    )
    kind = models.CharField(max_length=4, choices=KINDS, default=WORD)
    pattern = models.CharField(
        max_length=PATTERN_LENGTH,
        help_text="A word or phrase (bad* also matches longer words), or a host such as example.com.",
    )
    effect = models.CharField(
        max_length=6,
        choices=EFFECTS,
        default=HOLD,
    )
    explanation = models.CharField(
        max_length=EXPLANATION_LENGTH, blank=True, help_text="The author is told this."
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "kind", "pattern"], name="one_rule_per_room_and_pattern"),
            models.UniqueConstraint(
                fields=["kind", "pattern"],
                condition=models.Q(room=None),
                name="one_site_rule_per_pattern",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_effect_display()}: {self.pattern}"
