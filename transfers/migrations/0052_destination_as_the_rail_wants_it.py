"""Open payments carry where they go in their rail's own words from now on: see `transfers.outside.rails.words_for`."""

from typing import Any

from django.db import migrations

OPEN = ("RECEIVED", "SENDING", "SENT", "UNKNOWN")


def translate(apps: Any, _schema_editor: Any) -> None:
    """Those under way when this is applied; what has ended is not asked for it any more."""
    for payment in apps.get_model("transfers", "Payment").objects.filter(state__in=OPEN):
        payment.destination = words_of(apps, payment.rail, payment.destination)
        payment.save(update_fields=["destination"])


def words_of(apps: Any, rail: str, values: dict[str, str]) -> dict[str, str]:
    """The receiver as the rail calls it, with where a biller's or broker's money goes by the directory now."""
    if "msisdn" in values and "network" in values:
        return {"phone": values["msisdn"]}
    if rail == "PESALINK":
        return {"bank": values["bank_code"], "account": values["account"]}
    if rail == "BILLS":
        biller = apps.get_model("transfers", "Biller").objects.get(code=values["biller"])
        exact = {"exact": "1"} if biller.is_exact else {}
        return {"biller": biller.code, "account": values["account"], **exact, **_settlement(biller)}
    broker = apps.get_model("transfers", "Broker").objects.get(code=values["broker"])
    return {"cds_number": values["cds_number"], "client_type": values["client_type"], **_settlement(broker)}


def _settlement(row: Any) -> dict[str, str]:
    return {"paybill": row.paybill} if row.paybill else {"bank": row.bank_code, "bank_account": row.bank_account}


class Migration(migrations.Migration):
    dependencies = [("transfers", "0051_payment_files")]

    operations = [migrations.RunPython(translate, migrations.RunPython.noop)]
