"""Lists with a search form: it has a field for each thing to search for, above the list, sent with GET.

A field of the form is a parameter of the address. `filter` is given the values of valid fields; a field with
an error shows it and does not filter.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin.views.main import ChangeList
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import make_aware

from chat import names
from chat.models import Room, User

WORDS_LENGTH = 200  # characters
EARLIEST, LATEST = date(1900, 1, 1), date(9998, 12, 31)  # in UTC, the days around these exist too
NAMED = 200  # people or rooms that one name finds, at most


class Search(forms.Form):
    """The base class. The order of the fields is the order on the page."""

    template_name_label = None

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.GET, auto_id="search_%s", label_suffix="", use_required_attribute=False)
        self.request = request
        self.is_valid()

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    def filter(self, rows: QuerySet) -> QuerySet:
        raise NotImplementedError

    def called(self, rows: QuerySet, **columns: str) -> QuerySet:
        """Filter by the names in some fields: field → the column of the person, or for `room` of the room."""
        for field, column in columns.items():
            if name := self.values.get(field):
                found = rooms_called(name) if field == "room" else people_called(name)
                rows = rows.filter(**{f"{column}__in": found})
        return rows


class Words(forms.CharField):
    """A line of text. A browser keeps what was typed; NUL is refused, which PostgreSQL cannot store."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=WORDS_LENGTH, **options)


class Day(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options: Any) -> None:
        limits = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]
        super().__init__(required=False, validators=limits, **options)


class Choice(forms.ChoiceField):
    """One of some values, or any."""

    def __init__(self, choices: dict[str, str], **options: Any) -> None:
        super().__init__(required=False, choices=[("", "any"), *choices.items()], **options)


def since(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))


def until(day: date) -> datetime:
    """The end of a day: the beginning of the next."""
    return since(day + timedelta(days=1))


def within(rows: QuerySet, column: str, values: dict[str, Any]) -> QuerySet:
    """The rows between the fields `since` and `until`."""
    if day := values.get("since"):
        rows = rows.filter(**{f"{column}__gte": since(day)})
    if day := values.get("until"):
        rows = rows.filter(**{f"{column}__lt": until(day)})
    return rows


def people_called(name: str) -> list[int]:
    """The ids of people with this username or display name, or one that looks like it."""
    found = User.objects.filter(Q(name_key=names.skeleton(name)) | Q(username=name))
    return list(found.values_list("pk", flat=True)[:NAMED])


def rooms_called(name: str) -> list[int]:
    found = Room.objects.filter(Q(name_key=names.room_key(name)) | Q(slug=name))
    return list(found.values_list("pk", flat=True)[:NAMED])


class SearchedList(ChangeList):
    """A changelist that the search form of its ModelAdmin filters."""

    def __init__(self, request: HttpRequest, *arguments: Any) -> None:
        admin = arguments[10]
        self.search = admin.search(request) if admin.search else None
        super().__init__(request, *arguments)
        self.title = self.opts.verbose_name_plural[:1].upper() + self.opts.verbose_name_plural[1:]

    def get_filters_params(self, params: Any = None) -> Any:
        """Django would refuse the form's fields as unknown lookups."""
        lookups = super().get_filters_params(params)
        own = self.search.fields if self.search else {}
        return {name: value for name, value in lookups.items() if name not in own}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        rows = super().get_queryset(request, exclude_parameters)
        return self.search.filter(rows) if self.search else rows

    @property
    def is_searched(self) -> bool:
        return bool(self.search and self.search.values)
