"""The times by which web processes find changed memberships and display names."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("chat", "0008_index_of_mentions_of_all")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="changed_at",
            field=models.DateTimeField(
                db_default=Now(),
                editable=False,
                help_text="When it began, or its read mark or mentions changed.",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="renamed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="rooms_changed_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When a membership ended, or the list of ignored people changed.",
                null=True,
            ),
        ),
    ]
