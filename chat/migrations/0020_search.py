"""Search: the words of each message, and the index of the database (`chat/search/schema.py`).

The words of existing messages are written in parts, so the chat can run meanwhile.
"""

from django.db import migrations, models

from chat.actions import search_index
from chat.search import schema


def install(apps, schema_editor):
    schema.install(schema_editor.connection)


def fill(apps, schema_editor):
    for _ in search_index.rebuild(apps.get_model("chat", "Message")):
        pass
    if schema_editor.connection.vendor == "postgresql":  # after the words: that is faster
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(schema.DROP_INDEX)  # a failed attempt leaves an invalid one
            cursor.execute(schema.INDEX)


def remove(apps, schema_editor):
    schema.remove(schema_editor.connection)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0019_rooms_of_people")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="search_text",
            field=models.TextField(
                null=True, editable=False, help_text="Its words, by `chat.search`. Null until they are known."
            ),
        ),
        migrations.RunPython(install, remove),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
