"""The staff's pages about who customers are."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import BranchCustomer
from accounts.profile import identifying, rights
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals, roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin
from wekeza_portal.staff.views_of_customers import record_view

LARGEST = 2**31 - 1


class IdentityForm(forms.Form):
    """What the ID says, and who saw it."""

    customer = forms.IntegerField(label=gettext_lazy("Customer number"), min_value=1, max_value=LARGEST)
    is_seen = forms.ChoiceField(
        label=gettext_lazy("National ID"),
        choices=[("1", gettext_lazy("Seen")), ("0", gettext_lazy("Not seen: may only look"))],
    )
    born_on = forms.DateField(
        label=gettext_lazy("Born on, as the ID says"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Who saw which paper, when and where"),
        min_length=10,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest) -> HttpResponse:
    """How the bank knows a customer (?customer=), and the form to propose what was found out."""
    form = IdentityForm(request.POST or None, initial={"customer": request.GET.get("customer", "")[:10]})
    if request.method == "POST" and form.is_valid():
        done = _propose(request, form)
        if done is not None:
            return done
    customer = _asked_for(request)
    context: dict[str, Any] = {"form": form, "customer": customer}
    context["may_propose"] = request.user.has_perm(identifying.PROPOSE)
    if customer is not None:
        record_view(request, customer.user_id, "identity")
        context["standing"] = rights.standing_of(customer)
        context["lines"] = lines(context["standing"])
    return portal_admin.page(request, "staff/identity.html", _("Who a customer is"), **context)


def _asked_for(request: HttpRequest) -> BranchCustomer | None:
    number = request.GET.get("customer", "")
    is_number = number.isascii() and number.isdigit() and len(number) <= 10 and int(number) <= LARGEST
    return identifying.customer_of(int(number)) if is_number else None


def lines(standing: rights.Standing) -> list[tuple[Any, str]]:
    """Each right with why it is closed, "" where it is open."""
    refusals = ((words, standing.refusal(right)) for right, words in rights.RIGHTS.items())
    return [(words, "" if refusal is None else str(refusal)) for words, refusal in refusals]


def _propose(request: HttpRequest, form: IdentityForm) -> HttpResponse | None:
    typed = form.cleaned_data
    try:
        customer = identifying.customer_of(typed["customer"])
        if customer is None:
            raise identifying.NoSuchCustomer()
        payload = identifying.payload_of(customer, is_seen=typed["is_seen"] == "1", born_on=typed["born_on"])
        made = proposals.propose(
            identifying.KIND, payload, reason=typed["reason"], user=request.user, actor=actor_from(request)
        )
    except PortalError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    messages.success(request, _("Proposed. Another person has to approve it."))
    return redirect("admin:proposal", made.pk)


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    identifying.register()
    portal_admin.add_board(
        "customer_identity", "identity/", identity, gettext_lazy("Who a customer is"), identifying.SEE
    )
    roles.grant_all(identifying.SEE)
    roles.grant(roles.SUPPORT, identifying.PROPOSE)
    roles.grant(roles.OPERATIONS, identifying.PROPOSE, identifying.APPROVE)
    roles.grant(roles.RISK, identifying.PROPOSE, identifying.APPROVE)
