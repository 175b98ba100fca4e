from django.db import migrations

from transfers import seeding


def install(apps, schema_editor):
    model = {name: apps.get_model("transfers", name) for name in ("Bank", "PhonePrefix", "Biller", "Broker")}
    seeding.install(
        bank=model["Bank"], prefix=model["PhonePrefix"], biller=model["Biller"], broker=model["Broker"]
    )


class Migration(migrations.Migration):
    dependencies = [("transfers", "0010_outside")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
