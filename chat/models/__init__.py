"""What is stored. One integer per room, `Room.head`, orders everything anybody can see in it."""

from . import among as among  # registers the lookup
from .former_slug import FormerSlug
from .invitation import Invitation
from .membership import Membership
from .message import Message
from .presence import Presence
from .room import Room
from .user import User

__all__ = ["FormerSlug", "Invitation", "Membership", "Message", "Presence", "Room", "User"]
