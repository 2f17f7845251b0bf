"""A user's membership of a room: their role, and the last message that they have read."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

NOW = {  # for SQL statements: the moment of the change itself, also if the statement waited for a lock
    "postgresql": "clock_timestamp()",
    "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')",
}


class MembershipQuerySet(models.QuerySet["Membership"]):
    def lock(self, *, for_deletion: bool = False) -> "MembershipQuerySet":
        """Lock these memberships until the transaction ends, in the order of their ids, as read marks do."""
        found = self.select_for_update(of=("self",), no_key=not for_deletion).order_by("pk")
        return Membership.objects.filter(pk__in_array=list(found.values_list("pk", flat=True)))


class Membership(models.Model):
    MEMBER, MODERATOR, OWNER = "member", "moderator", "owner"
    ALL, MENTIONS, NOTHING = "all", "mentions", "nothing"

    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(
        max_length=9,
        choices={MEMBER: "member", MODERATOR: "moderator", OWNER: "owner"},
        default=MEMBER,
    )
    last_read = models.BigIntegerField(default=0, editable=False, help_text="seq of the last message read.")
    mentions = models.IntegerField(
        default=0, db_default=0, editable=False, help_text="Unread mentions, counted again at each change."
    )
    notify = models.CharField(
        "notifications",
        max_length=8,
        choices={ALL: "all messages", MENTIONS: "mentions", NOTHING: "nothing"},
        blank=True,
        default="",
        db_default="",
        help_text="Empty: mentions; in a direct conversation all messages. Nothing: the room is muted.",
    )
    is_favourite = models.BooleanField(
        "favourite", default=False, db_default=False, help_text="Listed before the person's other rooms."
    )
    position = models.IntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="The person's own order of rooms; equal: by activity.",
    )
    joined_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(
        db_default=Now(), editable=False, help_text="When it began, or its read mark or mentions changed."
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="one_membership_per_room")]
        indexes = [models.Index(fields=["changed_at"], name="changed_memberships")]

    def __str__(self) -> str:
        return f"{self.user} in {self.room}"

    @property
    def level(self) -> str:
        """Which messages notify: all, mentions or nothing. It reads the room if `notify` is the default."""
        return self.level_of(self.notify, is_direct=not self.notify and self.room.is_direct)

    @classmethod
    def level_of(cls, notify: str, *, is_direct: bool) -> str:
        return notify or (cls.ALL if is_direct else cls.MENTIONS)
