import uuid

from django.db import migrations, models


def name_each(apps, schema_editor):
    device = apps.get_model("accounts", "KnownDevice")
    for row in device.objects.filter(public_id=None).iterator():
        row.public_id = uuid.uuid4()
        row.save(update_fields=["public_id"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0102_seed_recovery_cap")]
    operations = [
        migrations.AddField(
            model_name="knowndevice",
            name="ip",
            field=models.GenericIPAddressField(help_text="Where the internet saw it last.", null=True),
        ),
        migrations.AddField(
            model_name="knowndevice",
            name="user_agent",
            field=models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="knowndevice",
            name="public_id",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunPython(name_each, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="knowndevice",
            name="public_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
