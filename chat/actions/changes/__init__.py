"""Commands that change a stored message: edit, delete, restore, react, pin. Each checks the permission.

All are idempotent: a command without effect is acknowledged and takes no number.
"""

from .change import Change, Edit
from .deletion import Delete, Moderation, Restore
from .pinning import Pin
from .reaction import React

__all__ = ["Change", "Delete", "Edit", "Moderation", "Pin", "React", "Restore"]
