"""Forms of people in the admin. Names pass the same checks as at sign-up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm

from chat.actions import people
from chat.models import User
from chat.ranks import SITE_ROLES, Rank, rank
from chat.refusals import Refusal


class CheckedName:
    """Validate the display name as at sign-up. Moderators and administrators may have a reserved name."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data  # type: ignore[misc]
        name = data.get("name") or data.get("username", "")
        relevant = {"name", "role"} & {*self.changed_data}
        if name and "name" not in self.errors and (relevant or not self.instance.pk):
            role = data.get("role") or rank(self.instance).name
            try:
                official = Rank[role] >= Rank.SITE_MODERATOR
                data["name"] = people.check_free_name(name, official=official, of=self.instance)
            except Refusal as refusal:
                self.add_error("name", refusal.message)
        return data


class AddForm(CheckedName, AdminUserCreationForm):
    pass


class ChangeForm(CheckedName, UserChangeForm):
    """With a field for the role, which the page shows to administrators only."""

    role = forms.ChoiceField(
        choices=[(role.name, label) for role, label in SITE_ROLES.items()],
        help_text="Site moderators moderate every room here. Administrators can do everything.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.fields["role"].initial = rank(self.instance).name

    class Meta(UserChangeForm.Meta):
        model = User
        fields = ("name", "username", "email")


class PasswordForm(AdminPasswordChangeForm):
    def save(self, commit: bool = True) -> User:
        user = super().save(commit)
        people.sessions_ended(user)
        return user
