"""Admin pages for users: accounts and guests. Changes go through `actions.people`, which closes sockets."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import admin as auth
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from chat.actions import people
from chat.models import User
from chat.refusals import Refusal

from .site import FastAdmin

STAFF = ("is_staff", "is_superuser")
RIGHTS = (*STAFF, "groups", "user_permissions")


class _CheckedName:
    """Validate the display name as at sign-up. Staff may have a reserved name."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data  # type: ignore[misc]
        name = data.get("name") or data.get("username", "")
        relevant = {"name", "is_staff", "is_superuser"} & {*self.changed_data}
        if name and "name" not in self.errors and (relevant or not self.instance.pk):
            official = any(data.get(right, getattr(self.instance, right)) for right in STAFF)
            try:
                data["name"] = people.check_free_name(name, official=official, of=self.instance)
            except Refusal as refusal:
                self.add_error("name", refusal.message)
        return data


class AddForm(_CheckedName, AdminUserCreationForm):
    pass


class ChangeForm(_CheckedName, UserChangeForm):
    pass


class PasswordForm(AdminPasswordChangeForm):
    def save(self, commit: bool = True) -> User:
        user = super().save(commit)
        people.sessions_ended(user)
        return user


@admin.register(User)
class UserAdmin(FastAdmin, auth.UserAdmin):
    form, add_form, change_password_form = ChangeForm, AddForm, PasswordForm
    list_display = ("name", "username", "is_guest", "is_active", "is_staff", "date_joined")
    list_filter = ("is_guest", "is_active", "is_staff")
    search_fields = ("name", "username", "email")
    ordering = ("-pk",)
    readonly_fields = ("last_login", "date_joined", "is_guest")
    filter_horizontal = ()
    autocomplete_fields = ("groups",)
    actions = ("deactivate", "reactivate", "make_password_link")
    fieldsets = (
        (None, {"fields": ("name", "username", "email", "password", "is_guest")}),
        ("Access", {"fields": ("is_active", *RIGHTS)}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "name", "email", "usable_password", "password1", "password2")}),
    )

    def has_change_permission(self, request: HttpRequest, user: User | None = None) -> bool:
        """Moderators cannot change staff."""
        above = user is not None and user.is_staff and not request.user.is_superuser
        return not above and super().has_change_permission(request, user)

    def has_delete_permission(self, request: HttpRequest, user: User | None = None) -> bool:
        """Allow it only for users who never wrote a message. Others can be deactivated."""
        wrote = user is None or user == request.user or user.messages.exists()
        return not wrote and super().has_delete_permission(request, user)

    def get_readonly_fields(self, request: HttpRequest, user: User | None = None) -> tuple[str, ...]:
        fixed = self.readonly_fields
        if user == request.user:
            fixed = (*fixed, "is_active")
        if user is not None and user.is_guest:
            fixed = (*fixed, "username")  # `guest:…` is not a valid username of an account
        return fixed if request.user.is_superuser else (*fixed, *RIGHTS, "username", "email")

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def save_model(self, request: HttpRequest, user: User, form: ModelForm, change: bool) -> None:
        active = user.is_active
        if change and "is_active" in form.changed_data:
            user.is_active = not active  # the action below changes it
        try:
            with transaction.atomic():
                super().save_model(request, user, form, change)
        except IntegrityError:  # another request took the name after the form was validated
            raise Refusal("name_taken") from None
        if active != user.is_active:
            (people.reactivate if active else people.deactivate)(user, by=request.user)

    def delete_model(self, request: HttpRequest, user: User) -> None:
        people.delete(user, by=request.user)

    @admin.action(description="Deactivate the selected accounts", permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet) -> None:
        self.apply_to_each(request, chosen, people.deactivate, "Deactivated")

    @admin.action(description="Reactivate the selected accounts", permissions=["change"])
    def reactivate(self, request: HttpRequest, chosen: QuerySet) -> None:
        self.apply_to_each(request, chosen, people.reactivate, "Reactivated")

    @admin.action(description="Create a one-use link for a new password", permissions=["password_link"])
    def make_password_link(self, request: HttpRequest, chosen: QuerySet) -> None:
        for user in chosen.accounts():
            key = urlsafe_base64_encode(force_bytes(user.pk))
            link = reverse("password_reset_confirm", args=[key, default_token_generator.make_token(user)])
            url = request.build_absolute_uri(link)
            notice = f"Link for {user.username}. It works once and expires in 3 days: {url}"
            self.message_user(request, notice, messages.WARNING)

    def has_password_link_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser
