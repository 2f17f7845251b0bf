"""Forms of rooms: create a room, change its settings, and add a member."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from chat.actions import descriptions, rooms
from chat.models import Membership, Room, User
from chat.models.description import DESCRIPTION_LENGTH
from chat.models.room import NAME_LENGTH, TOPIC_LENGTH
from chat.models.room_modes import FIRST_MESSAGES, SLOW_MODES
from chat.refusals import Refusal

from .forms import Form, Line, Words

MODES = ("posters", "slow_mode", "approve_first", "has_public_log")


class RoomForm(Form):
    name = Line(rooms.clean_name, label="Name", limit=NAME_LENGTH)
    topic = Line(
        rooms.clean_topic,
        label="Topic",
        limit=TOPIC_LENGTH,
        help_text="What the room is about. Optional.",
    )
    kind = forms.ChoiceField(
        label="Who can join",
        choices={Room.PUBLIC: "Everyone", Room.PRIVATE: "Only members you add or invite"},
        initial=Room.PUBLIC,
        widget=forms.RadioSelect,
    )

    def refused_to(self, user: User, refusal: Refusal) -> None:
        """Show the refusal of an action. If the name is taken, add a link to the room that has it."""
        is_taken = refusal.code == "room_name_taken"
        found = rooms.find(self.cleaned_data["name"], by=user) if is_taken else None
        self.refused(refusal, name="name")
        if found is not None:
            link = format_html('<a href="{}">Go to {}</a>', reverse("room", args=[found.slug]), found.name)
            self.errors["name"][-1] = format_html("{} {}", refusal.message, link)


class RoomSettingsForm(RoomForm):
    """The settings of an existing room. Only the fields that the user changed are saved, so the form does not
    undo a change that somebody made after it was loaded. Hidden inputs have the original values.
    """

    field_order = ("name", "topic", "description")

    description = Words(
        descriptions.clean,
        label="Description",
        limit=DESCRIPTION_LENGTH,
        rows=5,
        help_text="What newcomers should know: rules, links, whom to ask. Markdown works. Optional.",
    )
    mention_all = forms.TypedChoiceField(
        label="Who can mention everyone with @all",
        choices={
            Room.EVERYONE: "Everyone",
            Room.MODERATORS: "Moderators and owners",
            Room.NOBODY: "Nobody",
        },
        empty_value=None,
        required=False,
    )
    shows_joins = forms.BooleanField(label="Show when people join and leave", required=False)
    posters = forms.TypedChoiceField(
        label="Who can write",
        choices={
            Room.EVERYONE: "Everyone who can see the room",
            Room.ACCOUNTS: "People with an account, no guests",
            Room.MEMBERS: "Only members",
        },
        empty_value=None,
        required=False,
        help_text="Moderators always can. With “Only members”, newcomers read until you add them below.",
    )
    slow_mode = forms.TypedChoiceField(
        label="Slow mode",
        choices=SLOW_MODES,
        coerce=int,
        empty_value=None,
        required=False,
        help_text="The time between two messages of one person. Moderators are exempt.",
    )
    approve_first = forms.IntegerField(
        label="First messages that wait for approval",
        min_value=0,
        max_value=FIRST_MESSAGES,
        required=False,
        help_text="Of guests, and of accounts in their first week. 0: none.",
    )
    has_public_log = forms.BooleanField(
        label="Members can read what moderators did here",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if self._is_changed(name, value)}

    def parts(self) -> tuple[list[forms.BoundField], list[forms.BoundField]]:
        """The fields about the room, and those about writing in it."""
        fields = list(self.visible_fields())
        return [field for field in fields if field.name not in MODES], [
            field for field in fields if field.name in MODES
        ]

    def _is_changed(self, name: str, value: str | bool) -> bool:
        if value is None:
            return False
        shown = self.data.get(self.add_initial_prefix(name))
        if shown is None and name not in self.data:
            return False  # the form had no such field, for instance because an older version rendered it
        if shown is None:
            shown = self.initial[name]
        return str(value) != str(shown).replace("\r\n", "\n")


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
        super().__init__(*args, auto_id="member_%s", **kwargs)  # the page has another field `name`

    def clean_name(self) -> User:
        found = account_named(self.cleaned_data["name"])
        if found is None:
            raise ValidationError("There is no account with this name.")
        return found


def account_named(name: str) -> User | None:
    """The active account with this username, else with a display name that looks like it."""
    accounts = User.objects.accounts().filter(is_active=True)
    return accounts.filter(username__iexact=name).first() or accounts.looking_like(name).first()
