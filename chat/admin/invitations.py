"""Admin pages for invitations. The link is shown once; only its digest is stored."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse

from chat.actions import invitations
from chat.models import Invitation

from .pages import FastAdmin


@admin.register(Invitation)
class InvitationAdmin(FastAdmin):
    list_display = ("made_at", "made_by", "expires_at", "used_by", "used_at")
    list_select_related = ("made_by", "used_by")
    list_display_links = None
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (), "description": "Save to create a link. It is shown once, on the next page."}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(administrator=False)

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, invitation: Invitation, form: ModelForm, change: bool) -> None:
        token = invitations.invite(by=request.user)
        invitation.pk = Invitation.objects.of(token).get().pk
        link = request.build_absolute_uri(reverse("invite", args=[token]))
        self.message_user(
            request, f"Send this link. It creates one account and expires in 7 days: {link}", messages.WARNING
        )
