"""Invite links, descriptions of rooms and pinned messages."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', "0021_index_of_days"),
    ]

    operations = [
        migrations.CreateModel(
            name='Description',
            fields=[
                ('room', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='chat.room')),
                ('text', models.TextField()),
                ('html', models.TextField(editable=False, help_text='`text`, rendered when it was written.')),
                ('html_version', models.SmallIntegerField(editable=False, help_text='chat.text.VERSION that made `html`.')),
            ],
        ),
        migrations.CreateModel(
            name='JoinLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(editable=False, help_text='Null: never.', null=True)),
                ('max_uses', models.PositiveIntegerField(editable=False, help_text='Null: without a limit.', null=True)),
                ('uses', models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='message',
            name='pinned_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='joinlink',
            name='made_by',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='joinlink',
            name='room',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='join_links', to='chat.room'),
        ),
    ]
