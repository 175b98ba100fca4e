"""Only what help says of a column: rules are of a language of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0071_files_fingerprint")]
    operations = [
        migrations.AlterField(
            "biller",
            "account_pattern",
            models.CharField(help_text="The whole number must fit; see transfers.account_rules.", max_length=80),
        ),
    ]
