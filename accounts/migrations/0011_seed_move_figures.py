from django.db import migrations

from accounts import seeds


def install(apps, schema_editor):
    seeds.install(apps.get_model("accounts", "Limit"), apps.get_model("accounts", "Fee"))
    seeds.install_tariffs(apps.get_model("accounts", "FeeBand"), apps.get_model("accounts", "Rate"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_move_figures")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
