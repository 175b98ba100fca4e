from django.db import migrations

from accounts import seeds


def install(apps, schema_editor):
    seeds.install(apps.get_model("accounts", "Limit"), apps.get_model("accounts", "Fee"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0170_card_courier")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
