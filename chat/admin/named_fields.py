"""Fields for a room or a person by name. A list of all of them would be too long to choose from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from chat.models import Room, User

from .lists import people_called, rooms_called

LENGTH = 150  # characters, as of a username


class Named(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LENGTH, **options)

    def find(self, name: str) -> list[Any]:
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        """The row; None for an empty field that is not required."""
        name = super().clean(value)
        if not name:
            return None
        found = self.find(name)
        if len(found) != 1:
            raise ValidationError(self.none if not found else self.several)
        return found[0]


class NamedRoom(Named):
    none = "There is no such room."
    several = "Several rooms have this name. Enter the address of one, such as plans-8f2k."

    def find(self, name: str) -> list[Room]:
        by_slug = list(Room.objects.filter(slug=name))
        return by_slug or list(Room.objects.filter(pk__in=rooms_called(name))[:2])


class NamedPerson(Named):
    none = "There is no such person."
    several = "Several people have this name. Enter the username of one."

    def find(self, name: str) -> list[User]:
        by_username = list(User.objects.filter(username=name))
        return by_username or list(User.objects.filter(pk__in=people_called(name))[:2])
