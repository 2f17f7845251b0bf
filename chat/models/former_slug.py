"""A slug that a room had before it was made private. It still redirects the room's members."""

from django.db import models


class FormerSlug(models.Model):
    room = models.ForeignKey("chat.Room", on_delete=models.CASCADE, related_name="former_slugs")
    slug = models.CharField(max_length=80)
    until = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "room"], name="one_former_slug_per_room")]

    def __str__(self) -> str:
        return self.slug
