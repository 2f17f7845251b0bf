"""The table of changes that may end the access of open sockets."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("chat", "0027_edits_that_mention")]

    operations = [
        migrations.CreateModel(
            name="AccessChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("at", models.DateTimeField(db_default=Now(), db_index=True)),
                ("user_id", models.BigIntegerField(null=True)),
                ("session_key", models.CharField(max_length=40, null=True)),
            ],
        ),
    ]
