"""Admin pages for memberships. Removing a member of a private room closes their sockets in the room."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from chat.actions import members
from chat.models import Membership

from .site import FastAdmin


@admin.register(Membership)
class MembershipAdmin(FastAdmin):
    list_display = ("user", "room", "role", "joined_at")
    list_select_related = ("user", "room")
    list_filter = ("role",)
    autocomplete_fields = ("room", "user")
    search_fields = ("=room__slug", "=user__username", "user__name__istartswith")
    search_help_text = "A room's slug, a username, or the beginning of a display name."
    ordering = ("-pk",)
    fields = ("room", "user", "role")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup == "room__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_readonly_fields(
        self, request: HttpRequest, membership: Membership | None = None
    ) -> tuple[str, ...]:
        return ("room", "user") if membership else ()

    def save_model(self, request: HttpRequest, membership: Membership, form: ModelForm, change: bool) -> None:
        made = members.add(membership.room, membership.user, membership.role, by=request.user)
        membership.pk = made.pk

    def delete_model(self, request: HttpRequest, membership: Membership) -> None:
        members.remove(membership.room, membership.user, by=request.user)

    @transaction.atomic
    def _changelist_in_one_transaction(self, request: HttpRequest, *arguments: Any) -> HttpResponse:
        return super().changelist_view(request, *arguments)

    def changelist_view(self, request: HttpRequest, *arguments: Any) -> HttpResponse:
        """Do a bulk removal in one transaction, because Django logs it before the first row is removed."""
        if request.method != "POST":
            return super().changelist_view(request, *arguments)
        return self.show_refusal(self._changelist_in_one_transaction, request, *arguments)

    def delete_queryset(self, request: HttpRequest, chosen: QuerySet) -> None:
        members.remove_all(chosen.select_related("room", "user"), by=request.user)
