"""Queries for users, their manager, and the column that notes when a person was renamed."""

from collections.abc import Collection, Sequence
from typing import Any, Self

from django.contrib.auth.models import UserManager
from django.db import models
from django.db.models import Case, F, When
from django.db.models.functions import Now

from chat import names

from .presence import Presence

User = Any  # a `User`, which imports this module


class UserQuerySet(models.QuerySet[User]):
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


class RenamedAt(models.DateTimeField):
    """When the display name or picture last changed. The database compares the names, at each save of one."""

    def pre_save(self, model_instance: User, add: bool) -> Any:
        return None if add else Case(When(name=model_instance.name, then=F(self.attname)), default=Now())

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.DateTimeField", arguments, options
