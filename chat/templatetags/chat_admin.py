"""Template tags of the admin's pages."""

from datetime import datetime
from typing import Any

from django import template
from django.db.models import Model
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

register = template.Library()

EXCERPT = 140  # characters of a text in a list


@register.simple_tag
def page_of(row: Model) -> str:
    return reverse(f"admin:chat_{row._meta.model_name}_change", args=[row.pk])


@register.filter
def excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"


@register.filter
def case_in_words(case: Any) -> str:
    """The text of a private room is on the page of the case only."""
    if not case.text:
        return str(case.person)
    is_private = case.room is not None and case.room.is_private
    return "A message in a private room" if is_private else excerpt(case.text)


@register.filter
def fact(value: Any) -> SafeString | str:
    """A value on a page, in words: times in the reader's time zone."""
    if isinstance(value, datetime):
        return format_html(
            '<time datetime="{}">{}</time>', value.isoformat(), date(localtime(value), "j F Y, H:i")
        )
    return str(value)
