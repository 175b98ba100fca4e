"""The one address other companies call. No session, no cookie, no CSRF token: the secret is in the path."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from wekeza_portal import ratelimit
from wekeza_portal.rails import callbacks
from wekeza_portal.registry import question_handlers

LARGEST_BODY = 64 * 1024
FLOOD = ratelimit.Policy("rails.callback", limit=1200, window=timedelta(minutes=1))
KEPT_HEADERS = ("Content-Type", "User-Agent", "X-Signature", "X-Timestamp", "X-Nonce")


@csrf_exempt
@login_not_required
@require_POST
def rail_callback(request: HttpRequest, token: str) -> HttpResponse:
    """Keep what came and say so; a question is answered at once instead.

    403 without TLS where it is on (nothing leads on to it: whoever is misconfigured has to notice), 404 for an unknown
    address or caller, 411 where the length is not said beforehand (a chunked body would arrive empty), 400 without a
    body, 413 over 64 KB, 429 in a flood.
    """
    if settings.TLS and not request.is_secure():
        return JsonResponse({"error": "https only"}, status=403)
    name = callbacks.name_of(token)
    address = ratelimit.client_address(request)
    if name is None or not callbacks.may_come_from(name, address):
        raise Http404
    refusal = _refused_by_length(request)
    if refusal is not None:
        return refusal
    try:
        ratelimit.consume(FLOOD, f"{name} {address}")
    except ratelimit.TooMany as flood:
        return JsonResponse({"error": "too many"}, status=429, headers={"Retry-After": str(flood.retry_after)})
    body = request.read(LARGEST_BODY + 1)
    if not body:
        return JsonResponse({"error": "empty"}, status=400)
    if len(body) > LARGEST_BODY:
        return JsonResponse({"error": "too large"}, status=413)
    headers = {key: request.headers[key][:200] for key in KEPT_HEADERS if key in request.headers}
    if name in question_handlers:
        status, answer = question_handlers.get(name)(body, headers)
        return JsonResponse(answer, status=status)
    callbacks.store(name, body, headers, address)
    return JsonResponse(callbacks.answer_for(name, body))


def _refused_by_length(request: HttpRequest) -> HttpResponse | None:
    said = str(request.META.get("CONTENT_LENGTH") or "")
    is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
    if is_chunked or not (said.isascii() and said.isdigit()):
        return JsonResponse({"error": "length required"}, status=411)
    if int(said) == 0:
        return JsonResponse({"error": "empty"}, status=400)
    if int(said) > LARGEST_BODY:
        return JsonResponse({"error": "too large"}, status=413)
    return None
