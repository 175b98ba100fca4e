"""Whose file it was, beside the id: the branch's scripts reuse ids."""

from django.db import migrations, models


def fill(apps, schema_editor):
    """By the login that the customer has: whoever uploaded it came in through that."""
    logins = apps.get_model("accounts", "User").objects.filter(customer_id__isnull=False)
    whose = dict(logins.values_list("customer_id", "fingerprint"))
    files = apps.get_model("transfers", "PaymentFile")
    for file in files.objects.filter(fingerprint="").iterator(2000):
        file.fingerprint = whose.get(file.customer_id, "")
        file.save(update_fields=["fingerprint"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("transfers", "0070_guard_keys")]
    operations = [
        migrations.AddField(
            "paymentfile",
            "fingerprint",
            models.CharField(
                default="", help_text="Whose id that was: the branch's scripts reuse ids.", max_length=64
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
