"""Links between the admin's pages, excerpts, and states in words."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from chat.models import Message, Room, User
from chat.templatetags.chat_admin import case_in_words as case_in_words
from chat.templatetags.chat_admin import excerpt as excerpt


def page_of(row: Model) -> str:
    return reverse(f"admin:chat_{row._meta.model_name}_change", args=[row.pk])


def list_of(model: str, **search: Any) -> str:
    """The address of a list, with the fields of its search form."""
    address = reverse(f"admin:chat_{model}_changelist")
    return f"{address}?{urlencode(search)}" if search else address


def link(row: Model | None, words: str = "") -> SafeString | str:
    if row is None:
        return ""
    return format_html('<a href="{}" dir="auto">{}</a>', page_of(row), words or str(row))


def link_to(model: str, id: int, words: str) -> SafeString:
    """A link to a row that may have been deleted meanwhile."""
    return format_html(
        '<a href="{}" dir="auto">{}</a>', reverse(f"admin:chat_{model}_change", args=[id]), words
    )


def person(user: User | None) -> SafeString | str:
    if user is None:
        return ""
    if not user.is_active:
        return format_html('<span class="mixed">{} <span class="gone">deactivated</span></span>', link(user))
    return link(user)


def room(room: Room | None, missing: str = "") -> SafeString | str:
    return link(room) or missing


def state(message: Message) -> SafeString | str:
    """Whether a message is hidden or deleted. The list dims rows with the class."""
    if not message.deleted_at:
        return "edited" if message.edited_at else ""
    by_author = message.deleted_by_id == message.author_id
    return format_html('<span class="gone">{}</span>', "deleted by the author" if by_author else "hidden")
