"""Admin pages for people: accounts and guests. Changes go through actions, which close sockets."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat import ranks
from chat.actions import people, profile
from chat.models import User
from chat.ranks import Rank
from chat.refusals import Refusal

from .many_people import ManyPeople
from .panels import FormAdmin, Panel
from .people_search import PeopleSearch
from .reason_form import OptionalReasonForm
from .record import in_force, record_of
from .sanction_panel import sanction_panel
from .user_forms import AddForm, ChangeForm, PasswordForm


@admin.register(User)
class UserAdmin(ManyPeople, FormAdmin, auth.UserAdmin):
    form, add_form, change_password_form = ChangeForm, AddForm, PasswordForm
    search = PeopleSearch
    list_display = ("person", "username", "role", "date_joined", "state")
    list_filter = ()
    search_fields = ()
    ordering = ("-pk",)
    sortable_by = ()
    readonly_fields = ("last_login", "date_joined", "is_guest", "entry_ip", "site_role")
    filter_horizontal = ()
    add_fieldsets = (
        (None, {"fields": ("username", "name", "email", "usable_password", "password1", "password2")}),
    )

    def get_fieldsets(self, request: HttpRequest, user: User | None = None) -> Any:
        if user is None:
            return self.add_fieldsets
        account = ("is_guest", "entry_ip") if user.is_guest else ("username", "email", "password")
        role = "role" if self.may_set_role(request, user) else "site_role"
        return (
            (None, {"fields": ("name", *account, role)}),
            ("Dates", {"fields": ("last_login", "date_joined")}),
        )

    def get_form(self, request: HttpRequest, user: User | None = None, **options: Any) -> Any:
        form = super().get_form(request, user, **options)
        if user is None or not self.may_set_role(request, user):
            form.base_fields.pop("role", None)
        return form

    def may_set_role(self, request: HttpRequest, user: User) -> bool:
        return request.user.is_superuser and user.pk != request.user.pk and not user.is_guest

    def has_change_permission(self, request: HttpRequest, user: User | None = None) -> bool:
        """Moderators cannot change other moderators and administrators, and nobody a deleted account."""
        above = user is not None and user.is_staff and not request.user.is_superuser
        is_deleted = user is not None and user.deleted_at is not None
        return not above and not is_deleted and super().has_change_permission(request, user)

    def has_delete_permission(self, request: HttpRequest, user: User | None = None) -> bool:
        """Allow it only for users who never wrote a message. Others can be deactivated."""
        wrote = user is None or user == request.user or user.messages.exists()
        return not wrote and super().has_delete_permission(request, user)

    def get_readonly_fields(self, request: HttpRequest, user: User | None = None) -> tuple[str, ...]:
        return (
            self.readonly_fields
            if request.user.is_superuser
            else (*self.readonly_fields, "username", "email")
        )

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def save_model(self, request: HttpRequest, user: User, form: ModelForm, change: bool) -> None:
        try:
            with transaction.atomic():
                super().save_model(request, user, form, change)
        except IntegrityError:  # another request took the name after the form was validated
            raise Refusal("name_taken") from None
        if "role" in form.changed_data:
            people.set_role(user, Rank[form.cleaned_data["role"]], by=request.user)

    def delete_model(self, request: HttpRequest, user: User) -> None:
        people.delete(user, by=request.user)

    # ── columns ──────────────────────────────────────────────────────────────────────────────────

    @admin.display(description="name")
    def person(self, user: User) -> str:
        return user.name

    @admin.display(description="role")
    def role(self, user: User) -> str:
        return "guest" if user.is_guest else ranks.SITE_ROLES[ranks.rank(user)]

    @admin.display(description="role")
    def site_role(self, user: User) -> str:
        return self.role(user)

    @admin.display(description="state")
    def state(self, user: User) -> SafeString | str:
        if not user.is_active:
            word = "deleted" if user.deleted_at else "deactivated"
            return format_html('<span class="gone">{}</span>', word)
        return "has, or had, sanctions" if user.is_sanctioned else ""

    # ── one person ───────────────────────────────────────────────────────────────────────────────

    def facts(self, request: HttpRequest, user: User) -> dict[str, Any]:
        return {"record": record_of(user), "in_force": in_force(user) if user.is_sanctioned else []}

    def panels(self, request: HttpRequest, user: User) -> list[Panel]:
        if user.pk == request.user.pk or user.deleted_at or not self.has_change_permission(request, user):
            return []

        def activate(button: str, values: dict[str, Any]) -> str:
            change, done = (
                (people.reactivate, "Reactivated")
                if button == "_reactivate"
                else (people.deactivate, "Deactivated")
            )
            change(user, by=request.user, reason=values["reason"])
            return done

        def take_picture(button: str, values: dict[str, Any]) -> str:
            profile.remove_picture(user, by=request.user)
            return "Removed the picture"

        has_picture, shown = (
            bool(user.picture),
            "Everybody who is logged in sees it. Initials are shown then.",
        )
        picture = Panel("picture", "Picture", {"_remove_picture": "Remove picture"}, take_picture, help=shown)
        label = {"_deactivate": "Deactivate"} if user.is_active else {"_reactivate": "Reactivate"}
        account = "Nobody can log in with a deactivated account. Its messages stay."
        return [
            *sanction_panel(request, user),
            *([picture] if has_picture else []),
            Panel("account", "Account", label, activate, OptionalReasonForm, help=account),
        ]  # fmt: skip
