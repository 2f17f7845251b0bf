"""The triggers that write the table of access changes.

It is not one transaction: locks of several tables at once could deadlock with a running chat.
"""

from django.db import migrations

from chat.models import access_triggers


def install(apps, schema_editor):
    access_triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    access_triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("chat", "0028_access_changes"), ("sessions", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
