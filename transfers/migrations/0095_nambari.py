"""One Kiswahili word for a number everywhere: what billers call theirs was seeded with another one."""

import re
from typing import Any

from django.db import migrations


def say_nambari(apps: Any, _schema_editor: Any) -> None:
    """A label that would become longer than its column stays as it is."""
    for biller in apps.get_model("transfers", "Biller").objects.all():
        label = re.sub(r"\b([Nn])amba\b", r"\1ambari", biller.account_label_sw)
        if label != biller.account_label_sw and len(label) <= 60:
            biller.account_label_sw = label
            biller.save(update_fields=["account_label_sw"])


class Migration(migrations.Migration):
    dependencies = [("transfers", "0080_held_back")]

    operations = [migrations.RunPython(say_nambari, migrations.RunPython.noop)]
