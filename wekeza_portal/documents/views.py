"""Is this paper ours? Pages for whoever was given one: no sign-in, no session, nothing kept."""

import hashlib
import hmac
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from wekeza_portal import ratelimit
from wekeza_portal.documents import codes, papers
from wekeza_portal.documents.forms import CodeForm, PaperFileForm
from wekeza_portal.documents.kinds import paper_kinds
from wekeza_portal.documents.models import IssuedPaper

TEN_MINUTES = timedelta(minutes=10)
VERIFY_ADDRESS = ratelimit.Policy("verify-address", 30, TEN_MINUTES)
# Many people share one address of a mobile network: the network as a whole may ask more.
VERIFY_NETWORK = ratelimit.Policy("verify-network", 300, TEN_MINUTES)

# Where a text leads that cannot be a code: to the answer every wrong code gets.
NO_CODE = "unknown"


@login_not_required
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Type the code of a paper; leads to the same page as its QR code."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("verify_paper", codes.normal(form.cleaned_data["code"]) or NO_CODE)
    return _answer(request, "verify/form.html", {"form": form})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify_paper(request: HttpRequest, code: str) -> HttpResponse:
    """What a paper of ours says, or one and the same page for every other code. POST compares a PDF with it."""
    _count(request)
    paper = papers.find(code)
    if paper is None:
        return _answer(request, "verify/unknown.html", {"form": CodeForm()}, status=404)
    form = PaperFileForm(files=request.FILES) if request.method == "POST" else PaperFileForm()
    outcome = ""
    if form.is_bound and form.is_valid():
        outcome = "unchanged" if _is_unchanged(paper, form.cleaned_data["paper"]) else "different"
    return _answer(request, "verify/paper.html", {**_said_by(paper), "form": form, "outcome": outcome})


def _count(request: HttpRequest) -> None:
    """Raises TooMany (429)."""
    address = ratelimit.client_address(request)
    network = ratelimit.neighbourhood(address)
    ratelimit.consume_all((VERIFY_ADDRESS, address or "unknown"), (VERIFY_NETWORK, network))


def _said_by(paper: IssuedPaper) -> dict[str, object]:
    kind = paper_kinds.get(paper.kind)
    return {
        "paper": paper,
        "kind": kind.title,
        "lines": kind.lines(paper.facts),
        "still_stands": kind.still_stands(paper),
    }


def _is_unchanged(paper: IssuedPaper, upload: "UploadedFile[bytes]") -> bool:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return hmac.compare_digest(digest.hexdigest(), paper.sha256)


def _answer(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    """A page that search engines do not keep: a paper is its holder's business."""
    response = render(request, template, context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
