"""Admin pages for word and link rules: a list, and a page that adds a rule and tries a text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from chat.actions import rules
from chat.models import Rule
from chat.refusals import Refusal

from . import links
from .bulk import BulkAdmin, Step
from .moderation_searches import RuleSearch
from .named_fields import NamedRoom
from .pages import ReadOnlyAdmin
from .panels import NoFields

TEXT_LENGTH = 4_000  # characters, as of a message


class RuleForm(forms.ModelForm):
    class Meta:
        model = Rule
        fields = ("room", "kind", "pattern", "effect", "explanation")

    room = NamedRoom(required=False, label="Room", help_text="Its name or address. Empty: the whole site.")

    def _post_clean(self) -> None:
        """The action validates, and a constraint decides between simultaneous rules."""


class TryForm(forms.Form):
    text = forms.CharField(
        label="Text", max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Nothing is stored.",
    )  # fmt: skip
    in_room = NamedRoom(
        required=False, label="In the room", help_text="Empty: only the rules of the whole site."
    )


@admin.register(Rule)
class RuleAdmin(BulkAdmin, ReadOnlyAdmin):
    search = RuleSearch
    list_display = ("pattern", "kind", "effect", "place", "explanation", "maker")
    list_display_links = None
    list_select_related = ("room", "by")
    ordering = ("pattern", "pk")
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chat.add_rule")

    @admin.display(description="where")
    def place(self, rule: Rule) -> SafeString | str:
        return links.room(rule.room, "the whole site")

    @admin.display(description="by")
    def maker(self, rule: Rule) -> SafeString | str:
        return links.person(rule.by)

    def change_view(self, request: HttpRequest, object_id: str, *arguments: Any, **more: Any) -> HttpResponse:
        return redirect("admin:chat_rule_changelist")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        adds, tries = bool(data and "_add" in data), bool(data and "_try" in data)
        form = RuleForm(data if adds else None, label_suffix="", auto_id="rule_%s")
        trial_form = TryForm(data if tries else None, label_suffix="", auto_id="try_%s")
        if adds and form.is_valid():
            try:
                rule = rules.add(by=request.user, **form.cleaned_data)
            except Refusal as refusal:
                form.add_error("pattern", refusal.message)
            else:
                self.log_addition(request, rule, "Added")
                self.message_user(request, f"Added: {rule}.")
                return redirect("admin:chat_rule_changelist")
        trial = None
        if tries and trial_form.is_valid():
            try:
                trial = rules.try_text(trial_form.cleaned_data["in_room"], trial_form.cleaned_data["text"])
            except Refusal as refusal:
                trial_form.add_error("text", refusal.message)
        context = {
            **self.admin_site.each_context(request),
            "title": "Add or try rules",
            "subtitle": None,
            "opts": self.opts,
            "form": form,
            "trial_form": trial_form,
            "trial": trial,
            "effect": trial
            and trial.effect
            and dict(Rule._meta.get_field("effect").choices or [])[trial.effect],
        }
        status = 422 if form.errors or trial_form.errors else 200
        return TemplateResponse(request, "admin/chat/rule/add.html", context, status=status)

    # ── many rules ───────────────────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> dict[str, Step]:
        def remove(request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
            self.apply_to_each(request, rows, lambda rule: rules.remove(rule, by=request.user), "Removed")

        return {"remove_selected": Step("Remove", "rule", "rules", NoFields, remove, permission="add")}
