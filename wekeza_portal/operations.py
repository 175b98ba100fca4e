"""Pages for those who run the portal: is it alive, is it ready, what did the demo phone receive."""

import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wekeza_portal import clock, pages
from wekeza_portal.jobs import engine
from wekeza_portal.middleware import DATABASE_AWAY, service_unavailable
from wekeza_portal.notifications import services
from wekeza_portal.notifications.models import DemoMessage
from wekeza_portal.registry import demo_codes

QUEUE_AGE_LIMIT = 300
"""Seconds a due message may wait before the portal calls itself not ready: the worker must be down."""
PHONE_LENGTH = 50

_migrated = False


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers. Touches no database, so that an outage there does not make a supervisor kill us."""
    return JsonResponse({"status": "ok", "version": settings.VERSION, "date": settings.RELEASE_DATE})


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Send customers here? 503 unless the database takes writes, its tables are up to date and messages go out."""
    facts: dict[str, Any] = {
        "database": False,
        "migrations": False,
        "oldest_message_seconds": None,
        # Told, and no reason to turn customers away: a failing job is for the staff to mend.
        "oldest_overdue_job_seconds": None,
    }
    try:
        facts["database"] = _takes_writes()
        facts["migrations"] = _migrations_applied()
        if facts["migrations"]:
            facts["oldest_message_seconds"] = services.oldest_due_seconds()
            facts["oldest_overdue_job_seconds"] = engine.overdue_seconds()
    except (DatabaseError, InterfaceError):
        facts["database"] = False
    age = facts["oldest_message_seconds"]
    ready = facts["database"] and facts["migrations"] and (age is None or age <= QUEUE_AGE_LIMIT)
    return JsonResponse({"status": "ready" if ready else "not ready", **facts}, status=200 if ready else 503)


def _takes_writes() -> bool:
    """The server answers, and is no replica and not set read-only: there every page and payment would be refused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@read_only" if connection.vendor == "mysql" else "SELECT 0")
        return not cursor.fetchone()[0]


def _migrations_applied() -> bool:
    """Nothing left to migrate. Once true it stays true for this process, whose code cannot change."""
    global _migrated
    if _migrated:
        return True
    executor = MigrationExecutor(connection)
    _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


@login_not_required
@require_safe
def demo_phone(request: HttpRequest) -> HttpResponse:
    """What the demo bank sent to anybody, newest first. Does not exist outside the demo."""
    if not settings.DEMO:
        raise Http404
    messages = DemoMessage.objects.order_by("-id")[:PHONE_LENGTH]
    shown = [line for _name, codes in demo_codes.items() for line in codes()]
    if request.GET.get("format") == "json":
        return JsonResponse([*(_as_json(message) for message in messages), *shown], safe=False)
    return render(request, "operations/phone.html", {"phone_messages": messages, "app_codes": shown})


def _as_json(message: DemoMessage) -> dict[str, str]:
    sent_at = message.sent_at.astimezone(clock.NAIROBI).isoformat()
    return {"to": message.to, "channel": message.channel, "body": message.body, "sent_at": sent_at}


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: a database that went away inside a middleware is still a 503, anything else our error page."""
    exception = sys.exc_info()[1]
    if isinstance(exception, DATABASE_AWAY):
        return service_unavailable(request, exception)
    return pages.server_error(request)
