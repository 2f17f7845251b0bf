"""Decisions about many rows: select them in the list, and confirm with their number and one reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from chat.refusals import Refusal

from .pages import COUNTED, FastAdmin, chosen_rows

NAMED = 10  # rows that the confirmation names


@dataclass
class Step:
    label: str  # of the button, such as "Hide"
    one: str
    many: str
    form_class: type[forms.Form]
    act: Callable[[HttpRequest, QuerySet, dict[str, Any]], None]
    options: dict[str, Any] = field(default_factory=dict)  # of the form
    permission: str = "change"


class BulkAdmin(FastAdmin):
    """A list whose actions ask for a confirmation. The ids travel in one field, so exactly the rows that were
    counted are changed, and a request has few fields for 1,000 rows.
    """

    @property
    def steps(self) -> dict[str, Step]:
        raise NotImplementedError

    def get_urls(self) -> list:
        run = self.admin_site.admin_view(self.run)
        return [path("bulk/<str:name>/", run, name=f"chat_{self.opts.model_name}_bulk"), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        own = {
            name: (partial(_confirm, name), name, step.label)
            for name, step in self.steps.items()
            if getattr(self, f"has_{step.permission}_permission")(request)
        }
        return {**own, **super().get_actions(request)}

    def confirm(self, request: HttpRequest, name: str, chosen: QuerySet) -> HttpResponse | None:
        """The confirmation page for the rows that an action was given."""
        ids = list(chosen.order_by("-pk").values_list("pk", flat=True)[:COUNTED])
        step = self.steps[name]
        form = step.form_class(label_suffix="", **step.options)
        return self._page(request, name, ",".join(map(str, ids)), form)

    def run(self, request: HttpRequest, name: str) -> HttpResponse:
        step = self.steps.get(name)
        if step is None or not getattr(self, f"has_{step.permission}_permission")(request):
            raise PermissionDenied
        address = reverse(f"admin:chat_{self.opts.model_name}_changelist")
        chosen = request.POST.get("chosen", "")
        if request.method != "POST" or not chosen:
            return redirect(address)
        form = step.form_class(request.POST, label_suffix="", **step.options)
        if not form.is_valid():
            return self._page(request, name, chosen, form, status=422)
        try:
            step.act(request, chosen_rows(self.get_queryset(request), chosen), form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.message)
            return self._page(request, name, chosen, form, status=refusal.status)
        return redirect(address)

    def _page(
        self, request: HttpRequest, name: str, chosen: str, form: forms.Form, status: int = 200
    ) -> HttpResponse:
        rows = chosen_rows(self.get_queryset(request), chosen)
        step, count = self.steps[name], len(chosen.split(","))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{step.label} {count:,} {step.one if count == 1 else step.many}",
            "subtitle": None,
            "opts": self.opts,
            "step": step,
            "form": form,
            "chosen": chosen,
            "named": self.named(request, list(rows[:NAMED])),
            "more": max(0, count - NAMED),
            "run_url": reverse(f"admin:chat_{self.opts.model_name}_bulk", args=[name]),
            "back_url": reverse(f"admin:chat_{self.opts.model_name}_changelist"),
        }
        if count >= COUNTED:
            notice = f"At most {COUNTED:,} rows are changed at once. Repeat this for the rest."
            messages.info(request, notice)
        return TemplateResponse(request, "admin/confirm.html", context, status=status)

    def named(self, request: HttpRequest, rows: list[Any]) -> list[str]:
        return [str(row) for row in rows]


def _confirm(name: str, admin: BulkAdmin, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
    return admin.confirm(request, name, chosen)
