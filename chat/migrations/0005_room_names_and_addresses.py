"""Make names of public rooms unique, and slugs of private rooms unguessable.

Of several public rooms with the same name, the one with the most changes keeps it; the others get a number
("Kitchen 2"). Slugs of public rooms stay. A private room that was public has a readable slug; it gets a new one,
and the old one is kept for its members. Each change is logged.
"""

import logging
import re
import unicodedata

import django.db.models.deletion
from django.db import migrations, models
from django.utils.crypto import get_random_string

NAME_LENGTH, KEY_LENGTH = 60, 240
SUFFIX = "abcdefghjkmnpqrstuvwxyz23456789"
UNGUESSABLE = re.compile(f".*-[{SUFFIX}]{{8}}")
BATCH = 500

logger = logging.getLogger("chat.migrations")


def room_key(name):
    """`chat.names.room_key`, as it was when this migration was written."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    blank = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    kept = []
    for character in folded:
        if character.isspace():
            kept.append(" ")
        elif not (
            unicodedata.category(character)[0] in "CZ"
            or character in blank
            or "\u180b" <= character <= "\u180f"
            or "\ufe00" <= character <= "\ufe0f"
            or "\U000e0100" <= character <= "\U000e01ef"
        ):
            kept.append(character)
    return (" ".join("".join(kept).split()) or name)[:KEY_LENGTH]


def fill_keys(apps, schema_editor):
    rooms = apps.get_model("chat", "Room").objects.using(schema_editor.connection.alias)
    changed, duplicates, taken = [], [], set()
    # The most active room first, so that it keeps its name.
    for room in rooms.order_by("-head", "pk").only("name", "kind", "head"):
        room.name_key = room_key(room.name)
        if room.kind == "public" and room.name_key in taken:
            duplicates.append(room)
            continue
        if room.kind == "public":
            taken.add(room.name_key)
        changed.append(room)
    numbers = {}
    for room in duplicates:
        name, key = room.name, room.name_key
        base = name if len(key) < KEY_LENGTH else "Room"  # a number at the end of a cut key would be lost
        while room.name_key in taken:
            numbers[key] = numbers.get(key, 1) + 1
            tail = f" {numbers[key]}"
            room.name = base[: NAME_LENGTH - len(tail)].rstrip() + tail
            room.name_key = room_key(room.name)
        taken.add(room.name_key)
        changed.append(room)
        logger.warning("Room %d is now called %r: another public room is called %r.", room.pk, room.name, name)
    rooms.bulk_update(changed, ["name", "name_key"], batch_size=BATCH)


def renew_addresses(apps, schema_editor):
    alias = schema_editor.connection.alias
    rooms = apps.get_model("chat", "Room").objects.using(alias)
    former = apps.get_model("chat", "FormerSlug").objects.using(alias)
    for room in rooms.filter(kind="private").only("slug"):
        if UNGUESSABLE.fullmatch(room.slug):
            continue
        old = room.slug
        former.create(room=room, slug=old)
        room.slug = f"{old[:60].rstrip('-')}-{get_random_string(8, SUFFIX)}"
        room.save(update_fields=["slug"])
        logger.warning("Private room %d has a new address; %r leads there for its members.", room.pk, old)


class Migration(migrations.Migration):
    dependencies = [("chat", "0004_moderators")]

    operations = [
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("slug", models.CharField(max_length=80)),
                ("until", models.DateTimeField(auto_now_add=True)),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_slugs",
                        to="chat.room",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("slug", "room"), name="one_former_slug_per_room")
                ]
            },
        ),
        migrations.AddField(
            model_name="room",
            name="name_key",
            field=models.CharField(editable=False, max_length=KEY_LENGTH, null=True),
        ),
        migrations.AlterField(
            model_name="room",
            name="slug",
            field=models.CharField(
                help_text="The room's address. It changes only when a public room is made private.",
                max_length=80,
                unique=True,
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="name",
            field=models.CharField(
                help_text="The name that others see. It may differ from the username.",
                max_length=40,
                verbose_name="display name",
            ),
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "public")),
                fields=("name_key",),
                name="public_room_names_are_unique",
                violation_error_message="There is already a public room with this name.",
            ),
        ),
        # Last: PostgreSQL cannot create an index on a table with pending foreign key checks.
        migrations.RunPython(renew_addresses, migrations.RunPython.noop),
    ]
