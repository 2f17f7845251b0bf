"""Create the group Moderators: they hide messages, manage rooms and members, and deactivate accounts."""

from django.db import migrations

RIGHTS = {
    "message": ["view", "change"],
    "room": ["view", "add", "change"],
    "membership": ["view", "add", "change", "delete"],
    "user": ["view", "change"],
    "invitation": ["view", "add"],
}


def make_group(apps, schema_editor):
    """Create the permissions too: Django creates them only after the last migration."""
    kinds = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name="Moderators")
    for model, verbs in RIGHTS.items():
        kind, _ = kinds.get_or_create(app_label="chat", model=model)
        name = apps.get_model("chat", model)._meta.verbose_name
        for verb in verbs:
            permission, _ = permissions.get_or_create(
                content_type=kind, codename=f"{verb}_{model}", defaults={"name": f"Can {verb} {name}"}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0003_admin_indexes"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_group, migrations.RunPython.noop)]
