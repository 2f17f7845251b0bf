"""Decisions about many people: sanction, deactivate and reactivate them; one-use links for new passwords."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.tokens import default_token_generator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from chat.actions import people, sanctions

from .bulk import BulkAdmin, Step
from .decision_form import SanctionForm
from .panels import NoFields
from .reason_form import OptionalReasonForm

LINKS = 50  # new passwords at once


class ManyPeople(BulkAdmin):
    actions = ("make_password_link",)

    @property
    def steps(self) -> dict[str, Step]:
        return {
            "sanction_selected": Step("Sanction", "person", "people", SanctionForm, self._sanction_all),
            "deactivate": Step("Deactivate", "person", "people", OptionalReasonForm, self._deactivate_all),
            "reactivate": Step("Reactivate", "person", "people", NoFields, self._reactivate_all),
        }

    def _sanction_all(self, request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
        def impose(person: Any) -> None:
            sanctions.impose(person=person, by=request.user, **values["sanction"])

        self.apply_to_each(request, rows, impose, "Sanctioned")

    def _deactivate_all(self, request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
        def deactivate(person: Any) -> None:
            people.deactivate(person, by=request.user, reason=values["reason"])

        self.apply_to_each(request, rows, deactivate, "Deactivated")

    def _reactivate_all(self, request: HttpRequest, rows: QuerySet, values: dict[str, Any]) -> None:
        self.apply_to_each(request, rows, lambda one: people.reactivate(one, by=request.user), "Reactivated")

    @admin.action(description="Create a one-use link for a new password", permissions=["password_link"])
    def make_password_link(self, request: HttpRequest, chosen: QuerySet) -> None:
        for user in chosen.accounts()[:LINKS]:
            key = urlsafe_base64_encode(force_bytes(user.pk))
            link = reverse("password_reset_confirm", args=[key, default_token_generator.make_token(user)])
            url = request.build_absolute_uri(link)
            notice = f"Link for {user.username}. It works once and expires in 3 days: {url}"
            self.message_user(request, notice, messages.WARNING)

    def has_password_link_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser
