"""Decisions on a page: panels with a form and buttons, below what the page shows about a row.

A panel posts to `<page>/decide/`. The action of a panel says in words what it did; this is shown and logged.
If the form or the action refuses, the page is shown again with what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from chat.refusals import Refusal

from .links import page_of
from .pages import FastAdmin, ReadOnlyAdmin

Act = Callable[[str, dict[str, Any]], str]  # (button, values of the form) → what was done


class NoFields(forms.Form):
    """The form of a panel that has only buttons."""


@dataclass
class Panel:
    name: str
    title: str
    buttons: dict[str, str]  # name → label; the first is the usual one
    act: Act
    form_class: type[forms.Form] = NoFields
    options: dict[str, Any] = field(default_factory=dict)  # of the form
    help: str = ""
    form: forms.Form | None = None

    def bind(self, data: Any = None) -> Panel:
        """With the sent values, if one of this panel's buttons was pressed."""
        pressed = data if data is not None and self.pressed(data) else None
        options = {"auto_id": f"{self.name}_%s", "label_suffix": "", **self.options}
        self.form = self.form_class(pressed, **options)
        return self

    def pressed(self, data: Any) -> str:
        return next((name for name in self.buttons if name in data), "")


class PanelAdmin(FastAdmin):
    """A page with panels. Subclasses define `panels`."""

    def panels(self, request: HttpRequest, row: Any) -> list[Panel]:
        return []

    def facts(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """The facts that the page shows about the row: label → value."""
        return {}

    def get_urls(self) -> list:
        decide = self.admin_site.admin_view(self.decide)
        name = f"chat_{self.opts.model_name}_decide"
        return [path("<path:object_id>/decide/", decide, name=name), *super().get_urls()]

    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = self.row_for(request, object_id)
        if request.method != "POST":
            return redirect(page_of(row))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        panels = [panel.bind(request.POST) for panel in self.panels(request, row)]
        pressed = next((panel for panel in panels if panel.pressed(request.POST)), None)
        if pressed is None:
            self.message_user(request, "This is no longer possible. The page shows why.", messages.WARNING)
            return redirect(page_of(row))
        assert pressed.form is not None
        if not pressed.form.is_valid():
            return self.sheet(request, row, panels, status=422)
        try:
            done = pressed.act(pressed.pressed(request.POST), pressed.form.cleaned_data)
        except Refusal as refusal:
            pressed.form.add_error(None, refusal.message)
            return self.sheet(request, row, panels, status=refusal.status)
        self.log_change(request, row, done)
        self.message_user(request, f"{done}.", messages.SUCCESS)
        return redirect(page_of(row))

    def row_for(self, request: HttpRequest, object_id: str) -> Any:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def sheet(
        self, request: HttpRequest, row: Model, panels: list[Panel], status: int = 200, **more: Any
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": self.sheet_title(row),
            "subtitle": None,
            "opts": self.opts,
            "original": row,
            "facts": self.facts(request, row),
            "panels": panels if self.has_change_permission(request, row) else [],
            "decide_url": reverse(f"admin:chat_{self.opts.model_name}_decide", args=[row.pk]),
            **more,
        }
        return TemplateResponse(request, self.sheet_templates(), context, status=status)

    def sheet_templates(self) -> list[str]:
        return [f"admin/chat/{self.opts.model_name}/sheet.html", "admin/sheet.html"]

    def sheet_title(self, row: Any) -> str:
        return str(row)


class SheetAdmin(PanelAdmin, ReadOnlyAdmin):
    """A page that shows a row and decides about it. It has no fields to change."""

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method == "POST":
            return self.decide(request, object_id)
        row = self.row_for(request, object_id)
        return self.sheet(request, row, [panel.bind() for panel in self.panels(request, row)])

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Django's page would show the text of a message in a private room. The audit log has the history."""
        return redirect(page_of(self.row_for(request, object_id)))


class FormAdmin(PanelAdmin):
    """Django's form with the panels below it."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], obj: Any = None, **options: Any
    ) -> HttpResponse:
        if obj is not None:
            panels = [panel.bind() for panel in self.panels(request, obj)]
            decide = reverse(f"admin:chat_{self.opts.model_name}_decide", args=[obj.pk])
            context |= {"panels": panels, "decide_url": decide, "facts": self.facts(request, obj)}
        return super().render_change_form(request, context, obj=obj, **options)
