"""The database models. `Room.head`, one counter per room, orders all messages and changes in the room."""

from . import in_array as in_array  # registers the lookup
from .former_slug import FormerSlug
from .invitation import Invitation
from .membership import Membership
from .mention import Mention
from .message import Message
from .presence import Presence
from .room import Room
from .user import User
from .version import Version

__all__ = [
    "FormerSlug",
    "Invitation",
    "Membership",
    "Mention",
    "Message",
    "Presence",
    "Room",
    "User",
    "Version",
]
