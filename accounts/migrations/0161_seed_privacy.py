from django.db import migrations

from accounts.privacy import seeds


def install(apps, schema_editor):
    seeds.install(apps.get_model("accounts", "LegalText"), apps.get_model("accounts", "PrivacyFigure"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0160_privacy_and_terms")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
