"""`/demo/branch/`: one person sees both sides. Does not exist outside the demo."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_http_methods

from wekeza_portal.branch.counter import statements
from wekeza_portal.branch.counter.forms import DETAILS, CounterForm


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    """Teller and supervisor in one, and what the branch's tables say afterwards."""
    if not statements.is_open():
        raise Http404
    form = CounterForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _performed(request, form):
        return HttpResponseRedirect(resolve_url("demo_branch"), status=303)
    refusals = [message for errors in form.errors.values() for message in errors]
    context = {
        "refusals": refusals,
        "typed": form.data,
        "details": DETAILS,
        "items": statements.latest_items(),
        "rows": statements.latest_rows(),
    }
    return render(request, "operations/branch.html", context)


def _performed(request: HttpRequest, form: CounterForm) -> bool:
    try:
        reached = form.perform()
    except IntegrityError:
        form.add_error("value", "Another row of the branch has this value already.")
        return False
    action = form.cleaned_data["action"]
    if reached:
        messages.success(request, f"Done at the branch: {action}.")
    else:
        messages.warning(request, f"The branch's {action} reached no row: no such account or item, or no money.")
    return True
