"""The earlier versions of edited messages."""

from django.db import models


class Version(models.Model):
    """What a message said until an edit replaced it."""

    message = models.ForeignKey("chat.Message", on_delete=models.CASCADE, related_name="versions")
    text = models.TextField()
    html = models.TextField()
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.text[:60]} (until {self.replaced_at})"
