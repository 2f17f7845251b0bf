"""What people fill in. Names are judged by the actions, and their refusals are shown beside the field."""

from typing import Any

from django import forms
from django.contrib.auth import forms as auth
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from chat import names
from chat.actions import people
from chat.models import Room, User
from chat.models.room import NAME_LENGTH, TOPIC_LENGTH
from chat.refusals import Refusal


class Line(forms.CharField):
    """One line, judged by an action alone: Django's own words for what is wrong with it are not ours."""

    def __init__(self, *, limit: int, autocomplete: str = "off", **options: Any) -> None:
        attributes = {"maxlength": limit, "autocomplete": autocomplete}
        super().__init__(widget=forms.TextInput(attrs=attributes), required=False, **options)
        self.validators = []


class Form(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def refused(self, refusal: Refusal, **fields: str) -> None:
        """Say it beside the field that it is about: `room_name="room"` puts room_name_taken beside `room`."""
        about = [field for start, field in fields.items() if refusal.code.startswith(start)]
        self.add_error(about[0] if about else None, refusal.message)


class EntryForm(Form):
    username = Line(label="Your name", limit=names.NAME_LENGTH, autocomplete="nickname")
    room = Line(label="Room", limit=NAME_LENGTH)


class RoomForm(Form):
    name = Line(label="Name", limit=NAME_LENGTH)
    topic = Line(label="Topic", limit=TOPIC_LENGTH, help_text="What this room is for. May stay empty.")
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
        validators=[User.username_validator],
    )
    name = Line(label="Shown name", limit=names.NAME_LENGTH, autocomplete="nickname")
    email = forms.EmailField(
        label="E-mail address",
        required=False,
        help_text="Only for a new password, should you forget yours. May stay empty.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
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
