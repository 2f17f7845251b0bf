"""The description of a room. It has a table of its own, since each post reads the whole row of its room."""

from django.db import models

DESCRIPTION_LENGTH = 2_000  # characters


class Description(models.Model):
    room = models.OneToOneField("chat.Room", on_delete=models.CASCADE, primary_key=True, related_name="+")
    text = models.TextField()
    html = models.TextField(editable=False, help_text="`text`, rendered when it was written.")
    html_version = models.SmallIntegerField(editable=False, help_text="chat.text.VERSION that made `html`.")

    def __str__(self) -> str:
        return self.text[:60]
