"""Forms of accounts: enter, log in, sign up, and change a password."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import forms as auth
from django.contrib.auth import password_validation
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from chat import names
from chat.actions import people, rooms
from chat.models import User
from chat.models.room import NAME_LENGTH

from .forms import Form, Line

EMAIL_HELP = (
    "To reset your password, and to tell you what you missed. Optional."
    if settings.OBROLAN_DIGESTS
    else "Used only to reset your password. Optional."
)


class EntryForm(Form):
    username = Line(names.check_name, label="Display name", limit=names.NAME_LENGTH, autocomplete="nickname")
    room = Line(rooms.clean_name, label="Room", limit=NAME_LENGTH)


class LogInForm(auth.AuthenticationForm):
    error_messages = {
        "invalid_login": "Wrong username or password",
        "inactive": "An administrator deactivated this account.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)


class SignUpForm(Form):
    username = forms.CharField(
        label="Username",
        max_length=User._meta.get_field("username").max_length,
        help_text="For logging in. Letters, digits and @ . + - _",
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
        validators=[UnicodeUsernameValidator(message="Use only letters, digits and @ . + - _")],
        error_messages={"required": "Enter a username."},
    )
    name = Line(
        lambda name: name and names.check_name(name),
        label="Display name",
        limit=names.NAME_LENGTH,
        autocomplete="nickname",
        help_text="The name that others see. Optional: the default is your username.",
    )
    email = forms.EmailField(
        label="Email address",
        required=False,
        help_text=EMAIL_HELP,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        error_messages={"required": "Enter a password."},
        help_text="At least 8 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_username(self) -> str:
        username = User.normalize_username(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError("Somebody already has this username. Choose another.")
        return username

    def clean(self) -> None:
        person = User(
            username=self.cleaned_data.get("username", ""),
            name=self.cleaned_data.get("name", ""),
            email=self.cleaned_data.get("email", ""),
        )
        if password := self.cleaned_data.get("password"):
            try:
                password_validation.validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)


class AdministratorForm(SignUpForm):
    """The first administrator may have a reserved display name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].check = lambda name: name and names.check_name(name, official=True)


class _ClosesSockets:
    """Close the sockets of sessions that ended with the old password."""

    def set_password_and_save(self, user: User, *args: Any, **kwargs: Any) -> User:
        user = super().set_password_and_save(user, *args, **kwargs)  # type: ignore[misc]
        people.sessions_ended(user)
        return user


class NewPasswordForm(_ClosesSockets, auth.SetPasswordForm):
    pass


class ChangePasswordForm(_ClosesSockets, auth.PasswordChangeForm):
    pass
