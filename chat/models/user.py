"""Users: accounts, which have a username, and guests, which have only a display name."""

from collections.abc import Collection
from typing import Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Now

from chat import names, rights

from .presence import Presence
from .renamed_at import RenamedAt


class UserQuerySet(models.QuerySet["User"]):
    def accounts(self) -> Self:
        return self.filter(is_guest=False)

    def guests(self) -> Self:
        return self.filter(is_guest=True)

    def lock(self, ids: Collection[int], *, for_deletion: bool = True) -> Self:
        """Lock these users until the transaction ends, in the order of their ids.

        `for_deletion`: other transactions can insert no row that refers to them meanwhile, such as the
        presence of somebody who is about to be deleted. Without it posts do not wait for this lock. They must
        not, in a transaction that locks a room afterwards: a post has locked its room before.
        """
        users = self.filter(pk__in=ids)
        list(users.select_for_update(no_key=not for_deletion).order_by("pk").values_list("pk"))
        return users

    def looking_like(self, name: str) -> Self:
        """Users whose display name looks like `name` (see `chat.names.skeleton`)."""
        return self.filter(name_key=names.skeleton(name))

    def named_like(self, name: str) -> Self:
        """Accounts, and guests who are present now, whose display name looks like `name`."""
        present = Presence.objects.fresh().values("user")
        return self.looking_like(name).filter(models.Q(is_guest=False) | models.Q(pk__in=present))

    def touch(self) -> None:
        """Have every process read the rooms of these users again. It locks them: call it before rooms and
        memberships are locked or deleted, so that two transactions never deadlock.
        """
        self.update(rooms_changed_at=Now())


class People(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """The manager. `create_user` and `create_superuser` take `name=`; the default is the username."""


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
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args, **kwargs) -> None:
        """Update `name_key` and `renamed_at` with the name."""
        self.name = self.name or self.username[: names.NAME_LENGTH]
        self.name_key = names.skeleton(self.name)
        fields = kwargs.get("update_fields")
        if fields is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "name_key", "renamed_at"}
        super().save(*args, **kwargs)

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
