"""Forms. An error is shown beside the field that it is about, and what was typed stays."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth import forms as auth
from django.contrib.auth import password_validation
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from chat import names
from chat.actions import people, rooms
from chat.models import Membership, Room, User
from chat.models.room import NAME_LENGTH, TOPIC_LENGTH
from chat.refusals import Refusal

Check = Callable[[str], str]  # raises Refusal


class Line(forms.CharField):
    """One line of text, validated by `check`, whose refusal is the error message.

    No `autocomplete="off"`: browsers would not restore the text when somebody goes back to the page.
    """

    def __init__(self, check: Check, *, limit: int, autocomplete: str = "", **options: Any) -> None:
        self.check = check
        attributes = {"maxlength": limit} | ({"autocomplete": autocomplete} if autocomplete else {})
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
        """Show an action's refusal: beside the field `name` if it is about a name, else above the form."""
        self.status = 429 if refusal.status == 429 else 422
        is_of_name = refusal.code.startswith(("name_", "room_name_"))
        self.add_error(name if is_of_name else None, refusal.message)


class EntryForm(Form):
    username = Line(names.check_name, label="Display name", limit=names.NAME_LENGTH, autocomplete="nickname")
    room = Line(rooms.clean_name, label="Room", limit=NAME_LENGTH)


class RoomForm(Form):
    name = Line(rooms.clean_name, label="Name", limit=NAME_LENGTH)
    topic = Line(
        rooms.clean_topic,
        label="Topic",
        limit=TOPIC_LENGTH,
        help_text="What this room is for. Optional.",
    )
    kind = forms.ChoiceField(
        label="Who can join",
        choices={Room.PUBLIC: "Everyone", Room.PRIVATE: "Only members you add"},
        initial=Room.PUBLIC,
        widget=forms.RadioSelect,
    )

    def refused_to(self, user: User, refusal: Refusal) -> None:
        """Show an action's refusal; if the name is taken, with a link to the room that has it."""
        is_taken = refusal.code == "room_name_taken"
        found = rooms.find(self.cleaned_data["name"], by=user) if is_taken else None
        self.refused(refusal, name="name")
        if found is not None:
            link = format_html('<a href="{}">Go to {}</a>', reverse("room", args=[found.slug]), found.name)
            self.errors["name"][-1] = format_html("{} {}", refusal.message, link)


class RoomSettingsForm(RoomForm):
    """The settings of an existing room. Only what the visitor changed is written, so a page that was loaded
    before somebody else's change does not undo it: each field has its original value in a hidden input.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def changes(self) -> dict[str, str]:
        shown = {
            name: self.data.get(self.add_initial_prefix(name), self.initial[name]) for name in self.fields
        }
        return {name: value for name, value in self.cleaned_data.items() if value != shown[name]}


class MemberForm(Form):
    name = forms.CharField(
        label="Username or display name",
        max_length=User._meta.get_field("username").max_length,
        help_text="Only people with an account can be added.",
        error_messages={"required": "Enter a name."},
    )
    role = forms.ChoiceField(
        label="Role",
        choices={Membership.MEMBER: "Member", Membership.MODERATOR: "Moderator", Membership.OWNER: "Owner"},
        initial=Membership.MEMBER,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="member_%s", **kwargs)  # the page has another field called `name`

    def clean_name(self) -> User:
        name = self.cleaned_data["name"]
        accounts = User.objects.accounts().filter(is_active=True)
        found = accounts.filter(username__iexact=name).first() or accounts.looking_like(name).first()
        if found is None:
            raise ValidationError("There is no account with this name.")
        return found


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
        help_text="You log in with it. Letters, digits and @ . + - _",
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
        help_text="What others see. Optional: the default is your username.",
    )
    email = forms.EmailField(
        label="Email address",
        required=False,
        help_text="Used only to reset your password. Optional.",
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


class _EndsSignIns:
    """Close sockets that were opened with the old password."""

    def set_password_and_save(self, user: User, *args: Any, **kwargs: Any) -> User:
        user = super().set_password_and_save(user, *args, **kwargs)  # type: ignore[misc]
        people.sessions_ended(user)
        return user


class NewPasswordForm(_EndsSignIns, auth.SetPasswordForm):
    pass


class ChangePasswordForm(_EndsSignIns, auth.PasswordChangeForm):
    pass
