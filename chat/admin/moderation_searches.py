"""Search forms of the lists of cases, sanctions, held messages, rules and the audit log."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.models import Report, Rule, Sanction

from .lists import Choice, Day, Search, Words, people_called, until, within

CASE_STATES = {"open": "open", "mine": "open and mine", "nobodys": "open and nobody's", "closed": "closed"}
SANCTION_KINDS = {value: str(label) for value, label in Sanction._meta.get_field("kind").choices or []}
SANCTION_STATES = {
    "force": "in force",
    "today": "ends today",
    "appealed": "appeal waits",
    "over": "lifted or over",
}
HELD_STATES = {"waiting": "waiting", "approved": "approved", "refused": "refused"}
SITE = "site"
AUTOMATIC = "obrolan"  # as the name of the actor: decisions without a moderator


class CaseSearch(Search):
    person = Words(label="About")
    reporter = Words(label="Reported by")
    room = Words(label="Room")
    state = Choice(CASE_STATES, label="State")
    since = Day(label="From")
    until = Day(label="To")

    def filter(self, rows: QuerySet) -> QuerySet:
        values = self.values
        rows = self.called(rows, person="person", room="room")
        if reporter := values.get("reporter"):
            reported = Report.objects.filter(reporter__in=people_called(reporter))
            rows = rows.filter(pk__in=reported.values("case"))
        if state := values.get("state"):
            rows = rows.filter(closed_at__isnull=state != "closed")
            if state in ("mine", "nobodys"):
                rows = rows.filter(assignee=self.request.user.pk if state == "mine" else None)
        return within(rows, "opened_at", values)


class SanctionSearch(Search):
    person = Words(label="Person")
    address = Words(label="IP address")
    room = Words(label="Room")
    by = Words(label="Moderator")
    kind = Choice(SANCTION_KINDS, label="Kind")
    state = Choice(SANCTION_STATES, label="State")
    since = Day(label="From")
    until = Day(label="To")

    def filter(self, rows: QuerySet) -> QuerySet:
        values = self.values
        rows = self.called(rows, person="person", by="by", room="room")
        rows = rows.filter(**{name: values[name] for name in ("address", "kind") if name in values})
        state = values.get("state")
        if state in ("force", "today"):
            rows = rows.in_force()  # type: ignore[attr-defined]
        if state == "today":
            rows = rows.filter(ends_at__lt=until(timezone.localdate()))
        if state == "appealed":
            rows = rows.filter(appealed_at__isnull=False, answered_at=None)
        if state == "over":
            rows = rows.filter(Q(ended_at__isnull=False) | Q(ends_at__lte=timezone.now()))
        return within(rows, "created_at", values)


class HeldSearch(Search):
    person = Words(label="Author")
    room = Words(label="Room")
    state = Choice(HELD_STATES, label="State")

    def filter(self, rows: QuerySet) -> QuerySet:
        rows = self.called(rows, person="author", room="room")
        if state := self.values.get("state"):
            rows = rows.filter(decided_at__isnull=state == "waiting")
            if state != "waiting":
                rows = rows.filter(approved=state == "approved")
        return rows


class RuleSearch(Search):
    pattern = Words(label="Word or host")
    room = Words(label="Room")
    where = Choice({SITE: "the whole site", "rooms": "single rooms"}, label="Where")
    effect = Choice(dict(Rule._meta.get_field("effect").choices or []), label="Effect")  # type: ignore[arg-type]

    def filter(self, rows: QuerySet) -> QuerySet:
        values = self.values
        rows = self.called(rows, room="room")
        if pattern := values.get("pattern"):
            rows = rows.filter(pattern__icontains=pattern)
        if where := values.get("where"):
            rows = rows.filter(room__isnull=where == SITE)
        return rows.filter(effect=values["effect"]) if "effect" in values else rows


class AuditSearch(Search):
    action = Words(label="Action", help_text="Such as mute, hide or close_case.")
    actor = Words(label="By", help_text="“Obrolan” for automatic decisions.")
    person = Words(label="On whom")
    room = Words(label="Room")
    since = Day(label="From")
    until = Day(label="To")

    def filter(self, rows: QuerySet) -> QuerySet:
        values = self.values
        if action := values.get("action"):
            rows = rows.filter(action=action.strip().lower().replace(" ", "_"))
        if actor := values.get("actor"):
            automatic = actor.casefold() == AUTOMATIC
            rows = rows.filter(actor_id=None) if automatic else rows.filter(actor_id__in=people_called(actor))
        rows = self.called(rows, person="person_id", room="room_id")
        return within(rows, "at", values)
