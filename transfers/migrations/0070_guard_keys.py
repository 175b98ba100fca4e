"""Caps, holds and own limits by the person, not by the wallet or account: see transfers.payees.guards."""

from django.db import migrations, models

from transfers.payees.guards import guard_key


def fill(apps, schema_editor):
    for name in ("SavedPayee", "ScamPause"):
        model = apps.get_model("transfers", name)
        for row in model.objects.all().iterator(2000):
            row.guard_key = guard_key(row.payee_key)
            row.save(update_fields=["guard_key"])


def merge(apps, schema_editor):
    """One row for a person: known since the first of them was, and what went to any of them in its first day together."""
    known = apps.get_model("transfers", "KnownPayee")
    seen = {}
    for row in known.objects.order_by("first_at", "id").iterator(2000):
        key = (row.customer_id, guard_key(row.guard_key))
        first = seen.get(key)
        if first is None:
            if row.guard_key != key[1]:
                row.guard_key = key[1]
                row.save(update_fields=["guard_key"])
            seen[key] = row
            continue
        first.first_day_sum += row.first_day_sum
        first.save(update_fields=["first_day_sum"])
        row.delete()


class Migration(migrations.Migration):
    dependencies = [("transfers", "0052_destination_as_the_rail_wants_it")]
    operations = [
        migrations.RemoveConstraint("knownpayee", "portal_known_payee_once"),
        migrations.RenameField("knownpayee", "payee_key", "guard_key"),
        migrations.AddField(
            "savedpayee",
            "guard_key",
            models.CharField(default="", max_length=80, help_text="transfers.payees.guards: the person behind it."),
            preserve_default=False,
        ),
        migrations.AddField(
            "savedpayee",
            "renamed_to",
            models.CharField(
                blank=True,
                default="",
                max_length=100,
                help_text="Whom the rail named at the last payment, where it is not confirmed_name.",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "scampause",
            "guard_key",
            models.CharField(default="", max_length=80, help_text="transfers.payees.guards: the person behind it."),
            preserve_default=False,
        ),
        migrations.AddField(
            "scampause",
            "asked_with",
            models.UUIDField(
                null=True, help_text="The instruction that was answered for, where that was another."
            ),
        ),
        migrations.AlterField("scampause", "kind", models.CharField(max_length=30, help_text="Of what is paid.")),
        migrations.AlterField(
            "scampause",
            "held_until",
            models.DateTimeField(null=True, help_text="Until then nothing goes to this person."),
        ),
        migrations.RemoveIndex("scampause", "portal_scam_pause_payee"),
        migrations.AddIndex(
            "scampause", models.Index(fields=["customer_id", "guard_key"], name="portal_scam_pause_guard")
        ),
        migrations.AddIndex(
            "savedpayee", models.Index(fields=["customer_id", "guard_key"], name="portal_saved_payee_guard")
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(merge, migrations.RunPython.noop),
        migrations.AddConstraint(
            "knownpayee",
            models.UniqueConstraint(fields=["customer_id", "guard_key"], name="portal_known_payee_once"),
        ),
    ]
