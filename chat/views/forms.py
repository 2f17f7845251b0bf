"""What people fill in. A refusal is shown beside the field that it is about, and nothing typed is lost."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth import forms as auth
from django.contrib.auth import password_validation
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from chat import names
from chat.actions import people, rooms
from chat.models import Room, User
from chat.models.room import NAME_LENGTH, TOPIC_LENGTH
from chat.refusals import Refusal

Check = Callable[[str], str]  # raises Refusal


class Line(forms.CharField):
    """One line, which `check` returns cleaned or refuses; Django's own words would not be ours."""

    def __init__(self, check: Check, *, limit: int, autocomplete: str = "off", **options: Any) -> None:
        self.check = check
        attributes = {"maxlength": limit, "autocomplete": autocomplete}
        super().__init__(widget=forms.TextInput(attrs=attributes), required=False, **options)

    def clean(self, value: str | None) -> str:
        try:
            return self.check(value or "")
        except Refusal as refusal:
            raise ValidationError(refusal.message, refusal.code) from None


class Form(forms.Form):
    status = 422  # of the answer that shows what was wrong

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def refused(self, refusal: Refusal, *, name: str) -> None:
        """What the action says: beside the field `name` when it is about a name, else above the form."""
        self.status = 429 if refusal.status == 429 else 422
        self.add_error(name if refusal.code.startswith("name_") else None, refusal.message)


class EntryForm(Form):
    username = Line(names.check_name, label="Your name", limit=names.NAME_LENGTH, autocomplete="nickname")
    room = Line(rooms.clean_name, label="Room", limit=NAME_LENGTH)


class RoomForm(Form):
    name = Line(rooms.clean_name, label="Name", limit=NAME_LENGTH)
    topic = Line(
        rooms.clean_topic,
        label="Topic",
        limit=TOPIC_LENGTH,
        help_text="What this room is for. May stay empty.",
    )
    kind = forms.ChoiceField(
        label="Who can come in",
        choices={Room.PUBLIC: "Everybody", Room.PRIVATE: "Only people whom you let in"},
        initial=Room.PUBLIC,
        widget=forms.RadioSelect,
    )


class LogInForm(auth.AuthenticationForm):
    error_messages = {
        "invalid_login": "This login name and password do not go together. Capital and small letters count.",
        "inactive": "This account was closed by an administrator.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["username"].label = "Login name"


class SignUpForm(Form):
    username = forms.CharField(
        label="Login name",
        max_length=User._meta.get_field("username").max_length,
        help_text="For logging in: letters, digits and @ . + - _",
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
        validators=[UnicodeUsernameValidator(message="Use only letters, digits and @ . + - _")],
        error_messages={"required": "Write a login name."},
    )
    name = Line(
        lambda name: name and names.check_name(name),
        label="Shown name",
        limit=names.NAME_LENGTH,
        autocomplete="nickname",
        help_text="What others see. Empty: the login name.",
    )
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        help_text="Only for a new password, should you forget yours. May stay empty.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        error_messages={"required": "Write a password."},
        help_text="At least 8 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_username(self) -> str:
        username = User.normalize_username(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError("Somebody already logs in with this name. Choose another.")
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
    """Who runs the place may be called so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].check = lambda name: name and names.check_name(name, official=True)


class _EndsSignIns:
    """Sockets that were opened with the old password close."""

    def set_password_and_save(self, user: User, *args: Any, **kwargs: Any) -> User:
        user = super().set_password_and_save(user, *args, **kwargs)  # type: ignore[misc]
        people.sign_ins_ended(user)
        return user


class NewPasswordForm(_EndsSignIns, auth.SetPasswordForm):
    pass


class ChangePasswordForm(_EndsSignIns, auth.PasswordChangeForm):
    pass
