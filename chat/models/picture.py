"""Pictures of people, in the database: all web processes have them, and backups too."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class UserPicture(models.Model):
    """A person's picture in two sizes, as Obrolan encoded it. `User.picture` has its hash.

    It is a table of its own, so no query that reads people reads pictures.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    large = models.BinaryField()
    small = models.BinaryField()
    changed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"The picture of {self.user_id}"
