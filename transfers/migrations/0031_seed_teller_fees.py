from django.db import migrations

from transfers import seeding


def install(apps, schema_editor):
    seeding.install_teller_fees(apps.get_model("transfers", "TellerFee"))


class Migration(migrations.Migration):
    dependencies = [("transfers", "0030_payment_ends")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
