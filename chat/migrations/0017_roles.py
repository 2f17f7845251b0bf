"""Replace Django's permissions by roles: `is_staff` is a site moderator, `is_superuser` an administrator.

Until now `is_staff` alone gave no rights: a person also needed the permission to change messages, of their own
or by the group Moderators. From now on it gives all rights of a site moderator. Staff without this permission
would silently get them, so they lose `is_staff`; an administrator can make them moderators. For the same
reason superusers who were not staff, and so could not use the admin, lose `is_superuser`.
"""

from django.db import migrations
from django.db.models import Q

RIGHT = {"codename": "change_message", "content_type__app_label": "chat"}


def remove_unused_rights(apps, schema_editor):
    User = apps.get_model("chat", "User")
    right = apps.get_model("auth", "Permission").objects.filter(**RIGHT).values("pk")
    groups = apps.get_model("auth", "Group").objects.filter(permissions__in=right).values("pk")
    own = User.objects.filter(Q(user_permissions__in=right) | Q(groups__in=groups)).values("pk")
    User.objects.filter(is_staff=True, is_superuser=False).exclude(pk__in=own).update(is_staff=False)
    User.objects.filter(is_staff=False, is_superuser=True).update(is_superuser=False)


def remove_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name="Moderators").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0016_index_of_messages_by_author"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(remove_unused_rights, migrations.RunPython.noop),
        migrations.RunPython(remove_group, migrations.RunPython.noop),
    ]
