"""Admin pages for cases: what was reported, what is known about it, and one form that decides."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.actions import cases
from chat.models import Case

from . import links, private
from .bulk import BulkAdmin, Step
from .decision_form import CaseForm
from .moderation_searches import CaseSearch
from .panels import NoFields, Panel, SheetAdmin
from .reason_form import AnswerForm
from .record import CONTEXT, around, in_force, record_of

REPORTS = 50  # shown on a page


@admin.register(Case)
class CaseAdmin(BulkAdmin, SheetAdmin):
    search = CaseSearch
    list_display = ("number", "about", "place", "reported", "opened_at", "looked_after", "state")
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the cases about the moderator, who must not learn who reported them."""
        others = Case.objects.exclude(person=request.user.pk)
        return others.select_related("person", "room", "message", "assignee", "closed_by")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Count the reports of the shown rows only: a join would count those of all."""
        changes = super().get_changelist_instance(request)
        shown = list(changes.result_list)
        counts = dict(
            Case.objects.filter(pk__in=[case.pk for case in shown])
            .annotate(reported=Count("reports"))
            .values_list("pk", "reported")
        )
        for case in shown:
            case.reported = counts.get(case.pk, 0)
        changes.result_list = shown
        return changes

    @admin.display(description="case")
    def number(self, case: Case) -> str:
        return f"{case.pk}: {links.case_in_words(case)}"

    @admin.display(description="about")
    def about(self, case: Case) -> SafeString | str:
        return links.person(case.person)

    @admin.display(description="room")
    def place(self, case: Case) -> SafeString | str:
        return links.room(case.room)

    @admin.display(description="reports")
    def reported(self, case: Case) -> str:
        return "1 report" if case.reported == 1 else f"{case.reported} reports"

    @admin.display(description="moderator")
    def looked_after(self, case: Case) -> SafeString | str:
        return links.person(case.assignee)

    @admin.display(description="state")
    def state(self, case: Case) -> SafeString | str:
        if case.closed_at is None:
            return "open"
        return format_html('<span class="gone">closed: {}</span>', case.outcome)

    # ── one case ─────────────────────────────────────────────────────────────────────────────────

    def facts(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        return {
            "About": links.person(case.person),
            "Room": links.room(case.room),
            "Opened": case.opened_at,
            "Moderator": links.person(case.assignee) or "nobody yet",
            "Closed": case.closed_at,
            "By": links.person(case.closed_by),
            "Outcome": case.outcome,
            "Answer to the reporters": case.answer,
        }

    def panels(self, request: HttpRequest, case: Case) -> list[Panel]:
        """None for a closed case, whose page shows who decided what."""
        if case.closed_at is not None:
            return []

        def decide(_: str, values: dict[str, Any]) -> str:
            closed = cases.decide(
                case,
                by=request.user,
                hides=values.get("hides", False),
                sanction=values["sanction"],
                answer=values["answer"],
            )
            return f"Closed the case: {closed.outcome}"

        def take(_: str, values: dict[str, Any]) -> str:
            cases.take(case, by=request.user)
            return "You look after the case"

        can_hide = case.message is not None and case.message.deleted_at is None
        options = {"room": case.room, "is_guest": case.person.is_guest, "can_hide": can_hide}
        panels = [Panel("decide", "Decide", {"_decide": "Decide and close"}, decide, CaseForm, options)]
        if case.assignee_id != request.user.pk:
            button, help = {"_take": "Look after this case"}, "It tells the others that you are on it."
            panels.insert(0, Panel("take", "Moderator", button, take, NoFields, help=help))
        return panels

    def sheet(self, request: HttpRequest, case: Model, *arguments: Any, **more: Any) -> HttpResponse:
        assert isinstance(case, Case)
        message, reads = case.message, private.may_read(request, case.room)
        others = Case.objects.filter(person=case.person).exclude(pk=case.pk)
        shown = {
            "reads": reads,
            "open_url": case.room and private.address(case.room, links.page_of(case)),
            "reports": case.reports.select_related("reporter").order_by("-pk")[:REPORTS],
            "message": message,
            "versions": message.versions.order_by("-pk")[:CONTEXT] if message and reads else [],
            "around": around(message) if message and reads else [],
            "record": record_of(case.person, cases=others),
            "in_force": in_force(case.person) if case.person.is_sanctioned else [],
        }
        return super().sheet(request, case, *arguments, **shown, **more)

    # ── many cases ───────────────────────────────────────────────────────────────────────────────

    @property
    def steps(self) -> dict[str, Step]:
        def take(request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
            self.apply_to_each(
                request, rows, lambda case: cases.take(case, by=request.user), "You look after"
            )

        def close(request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
            def one(case: Case) -> None:
                cases.close(case, by=request.user, answer=values["answer"])

            self.apply_to_each(request, rows, one, "Closed")

        return {
            "take_selected": Step("Look after", "case", "cases", NoFields, take),
            "close_selected": Step("Close", "case", "cases", AnswerForm, close),
        }
