"""Admin pages for sanctions: lift one, and answer the appeal. They are imposed on the page of a person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.actions import sanctions
from chat.models import Sanction
from chat.models.sanction import REASON_LENGTH

from . import links
from .bulk import BulkAdmin, Step
from .moderation_searches import SanctionSearch
from .panels import Panel, SheetAdmin
from .reason_form import Area


class LiftForm(forms.Form):
    reason = Area(REASON_LENGTH, label="Reason", help_text="Optional. It is stored in the audit log.")


class AppealForm(forms.Form):
    answer = Area(REASON_LENGTH, label="Answer", help_text="The person reads it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].required = True


@admin.register(Sanction)
class SanctionAdmin(BulkAdmin, SheetAdmin):
    search = SanctionSearch
    list_display = ("what", "of", "place", "reason", "begins", "ends", "state")
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return Sanction.objects.select_related(
            "person", "room", "by", "lifted_by", "answered_by", "case", "case__person"
        )

    @admin.display(description="sanction")
    def what(self, sanction: Sanction) -> str:
        return sanction.get_kind_display().capitalize()

    @admin.display(description="of")
    def of(self, sanction: Sanction) -> SafeString | str:
        if sanction.person and sanction.address:
            person = links.person(sanction.person)
            return format_html('<span class="mixed">{} and {}</span>', person, sanction.address)
        return links.person(sanction.person) or sanction.address

    @admin.display(description="where")
    def place(self, sanction: Sanction) -> SafeString | str:
        return links.room(sanction.room, "the whole site")

    @admin.display(description="begins")
    def begins(self, sanction: Sanction) -> Any:
        return sanction.created_at

    @admin.display(description="ends")
    def ends(self, sanction: Sanction) -> Any:
        if sanction.ends_at:
            return sanction.ends_at
        return "when acknowledged" if sanction.kind == Sanction.WARNING else "never"

    @admin.display(description="state")
    def state(self, sanction: Sanction) -> SafeString | str:
        if sanction.has_open_appeal:
            return "appeal waits"
        if is_in_force(sanction):
            return "in force"
        if sanction.lifted_by_id:
            return format_html('<span class="gone">lifted</span>')
        acknowledged = sanction.kind == Sanction.WARNING and sanction.ended_at
        return format_html('<span class="gone">{}</span>', "acknowledged" if acknowledged else "over")

    # ── one sanction ─────────────────────────────────────────────────────────────────────────────

    def facts(self, request: HttpRequest, sanction: Sanction) -> dict[str, Any]:
        return {
            "Person": links.person(sanction.person),
            "IP address": sanction.address,
            "Where": self.place(sanction),
            "Reason": sanction.reason,
            "Note for moderators": sanction.note,
            "By": links.person(sanction.by),
            "Begins": sanction.created_at,
            "Ends": self.ends(sanction),
            "State": self.state(sanction),
            "Ended": sanction.ended_at,
            "Lifted by": links.person(sanction.lifted_by),
            "Case": links.link(sanction.case),
            "Appeal": sanction.appeal,
            "Appealed": sanction.appealed_at,
            "Answer": sanction.answer,
            "Answered by": links.person(sanction.answered_by),
        }

    def panels(self, request: HttpRequest, sanction: Sanction) -> list[Panel]:
        if sanction.person_id == request.user.pk:
            return []

        def answer(button: str, values: dict[str, Any]) -> str:
            lifts = button == "_answer_lift"
            sanctions.answer_appeal(sanction, by=request.user, answer=values["answer"], lifts=lifts)
            return "Answered and lifted" if lifts else "Answered"

        def lift(_: str, values: dict[str, Any]) -> str:
            sanctions.lift(sanction, by=request.user, reason=values["reason"])
            return "Lifted"

        panels = []
        if sanction.has_open_appeal:
            buttons = {"_answer_keep": "Answer and keep"}
            if is_in_force(sanction):
                buttons = {"_answer_lift": "Answer and lift", **buttons}
            panels.append(Panel("appeal", "Answer the appeal", buttons, answer, AppealForm))
        if is_in_force(sanction):
            panels.append(Panel("lift", "Lift", {"_lift": "Lift now"}, lift, LiftForm))
        return panels

    # ── many sanctions ───────────────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> dict[str, Step]:
        def lift(request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
            def one(sanction: Sanction) -> None:
                sanctions.lift(sanction, by=request.user, reason=values["reason"])

            self.apply_to_each(request, rows, one, "Lifted")

        return {"lift_selected": Step("Lift", "sanction", "sanctions", LiftForm, lift)}


def is_in_force(sanction: Sanction) -> bool:
    return sanction.ended_at is None and (sanction.ends_at is None or sanction.ends_at > timezone.now())
