"""The database models. `Room.head`, one counter per room, orders all messages and changes in the room."""

from . import in_array as in_array  # registers the lookup
from .access_change import AccessChange
from .audit_entry import AuditEntry, AuditHead
from .case import Case, Report
from .description import Description
from .device import Device
from .former_slug import FormerSlug
from .held_message import HeldMessage
from .invitation import Invitation
from .join_link import JoinLink
from .membership import Membership
from .mention import Mention
from .message import Message
from .notice import Notice, NoticeCursor
from .notification_settings import NotificationSettings
from .picture import UserPicture
from .presence import Presence
from .push_subscription import PushSubscription
from .room import Room
from .rule import Rule
from .sanction import HiddenMessage, Sanction
from .user import User
from .version import Version

__all__ = [
    "AccessChange",
    "AuditEntry",
    "AuditHead",
    "Case",
    "Description",
    "Device",
    "FormerSlug",
    "HeldMessage",
    "HiddenMessage",
    "Invitation",
    "JoinLink",
    "Membership",
    "Mention",
    "Message",
    "Notice",
    "NoticeCursor",
    "NotificationSettings",
    "Presence",
    "PushSubscription",
    "Report",
    "Room",
    "Rule",
    "Sanction",
    "User",
    "UserPicture",
    "Version",
]
