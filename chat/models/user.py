"""Users: accounts, which have a username, and guests, which have only a display name."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from chat import names, rights

from .user_queries import People, RenamedAt

PICTURE_LENGTH = 16  # hexadecimal digits of a picture's hash


class User(AbstractUser):
    EVERYONE, SHARED, NOBODY = "everyone", "shared", "nobody"

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    name = models.CharField(
        "display name",
        max_length=names.NAME_LENGTH,
        help_text="The name that others see. It may differ from the username.",
    )
    name_key = models.CharField(max_length=names.KEY_LENGTH, editable=False, db_index=True)
    is_guest = models.BooleanField("guest", default=False, editable=False)

    ignored = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        editable=False,
        help_text="Ids of the people whose messages are folded for this person.",
    )

    blocked = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        editable=False,
        help_text="Ids of the ignored people who cannot write to this person directly.",
    )
    time_zone = models.CharField(
        max_length=50,
        blank=True,
        default="",
        db_default="",
        help_text="A name of the tz database, such as Asia/Jakarta. Empty: that of the browser.",
    )
    language = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        help_text="One of settings.LANGUAGES. Empty: that of the site.",
    )
    picture = models.CharField(
        max_length=PICTURE_LENGTH,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="The hash of the picture. Empty: the initials are shown.",
    )
    may_write = models.CharField(
        "direct conversations with",
        max_length=8,
        choices={EVERYONE: "everyone", SHARED: "people in the same rooms", NOBODY: "nobody"},
        default=SHARED,
        db_default=SHARED,
        help_text="Who can start a direct conversation with this person.",
    )
    is_sanctioned = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Has, or had, sanctions. For others the table of sanctions is not read.",
    )
    entry_ip = models.GenericIPAddressField(
        null=True, editable=False, help_text="A guest's IP address when they entered, for bans."
    )
    renamed_at = RenamedAt(null=True, editable=False)
    rooms_changed_at = models.DateTimeField(
        null=True, editable=False, help_text="When a membership ended, or the list of ignored people changed."
    )

    deleted_at = models.DateTimeField(
        null=True, editable=False, help_text="When the person deleted the account. The row has no data of it."
    )
    messages_taken = models.BigIntegerField(
        null=True,
        editable=False,
        help_text="The account was deleted with its messages, so far up to this id. Null: with none, or all.",
    )

    objects = People()  # type: ignore[misc]

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(
                fields=["name_key"],
                condition=models.Q(is_guest=False),
                name="account_names_do_not_look_alike",
                violation_error_message="Somebody already has this name, or one that looks like it.",
            )
        ]
        indexes = [
            models.Index(fields=["renamed_at"], name="renamed_people"),
            models.Index(fields=["rooms_changed_at"], name="people_with_changed_rooms"),
            models.Index(
                fields=["id"],
                name="messages_to_take",
                condition=models.Q(messages_taken__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args, **kwargs) -> None:
        """Update `name_key` and `renamed_at` with the name."""
        self.name = self.name or self.username[: names.NAME_LENGTH]
        self.name_key = names.skeleton(self.name) if self.deleted_at is None else self.key_of_deleted
        fields = kwargs.get("update_fields")
        if fields is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_key", "renamed_at"}
        super().save(*args, **kwargs)

    @property
    def avatar(self) -> str:
        """The address of the picture: /pictures/<avatar>.webp. Empty: there is none."""
        return f"{self.pk}-{self.picture}" if self.picture else ""

    @property
    def key_of_deleted(self) -> str:
        """The `name_key` of a deleted account: all have one name. The key of a name has no colon."""
        return f"deleted:{self.pk}"

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Roles decide, not Django's groups and permissions: see `chat/rights.py`."""
        if not self.is_active:
            return False
        return self.is_superuser or (self.is_staff and perm in rights.MODERATOR_RIGHTS)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and (self.is_superuser or (self.is_staff and app_label == rights.APP))

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)
