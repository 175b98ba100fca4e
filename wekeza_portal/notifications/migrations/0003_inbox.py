"""The inbox: what the bank told a customer, as it stands in the portal."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_delivery")]

    operations = [
        migrations.CreateModel(
            name="InboxItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("cause", models.CharField(help_text="What it is about, so that it is written once.", max_length=120, unique=True)),
                ("customer_id", models.BigIntegerField(help_text="users.user_id of its reader.")),
                ("category", models.CharField(choices=[("MONEY", "Money"), ("SECURITY", "Security"), ("REQUESTS", "Requests"), ("NEWS", "News from the bank")], max_length=8)),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("link_name", models.CharField(blank=True, help_text="A name in registry.message_links, or empty.", max_length=60)),
                ("link_kwargs", models.JSONField(default=dict, help_text="What that address needs, as texts.")),
                ("created_at", models.DateTimeField(db_index=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("archived_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "portal_inbox_item",
                "indexes": [
                    models.Index(fields=["customer_id", "created_at", "id"], name="portal_inbox_by_time"),
                    models.Index(fields=["customer_id", "read_at", "archived_at", "created_at"], name="portal_inbox_unread"),
                ],
            },
        ),
    ]
