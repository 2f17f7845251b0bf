"""The column that has the time of a person's latest new name."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Case, F, When
from django.db.models.functions import Now


class RenamedAt(models.DateTimeField):
    """When the display name last changed. The database compares the names, at each save of the name."""

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        return None if add else Case(When(name=model_instance.name, then=F(self.attname)), default=Now())

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.DateTimeField", arguments, options
