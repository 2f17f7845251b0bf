"""Commands that change a stored message: edit, delete, restore, react. Each checks the user's permission.

All are idempotent: a command without effect is acknowledged and takes no number.
"""

from .change import Change, Edit
from .deletion import Delete, Moderation, Restore
from .reaction import React

__all__ = ["Change", "Delete", "Edit", "Moderation", "React", "Restore"]
