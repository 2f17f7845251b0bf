"""Joins the migrations of moderation, which were written at the same time."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0011_room_modes"),
        ("chat", "0012_index_of_messages_to_purge"),
    ]
    operations = []
