"""The staff's pages of this app: roles, proposals, dated figures, switches."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wekeza_portal import clock
from wekeza_portal.errors import PortalError
from wekeza_portal.notifications import services as outbox
from wekeza_portal.staff import figures, proposals, roles, switches
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.forms import DayForm, SwitchForm
from wekeza_portal.staff.models import PortalSwitch, Proposal
from wekeza_portal.staff.site import portal_admin

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def who_may_do_what(request: HttpRequest) -> HttpResponse:
    """Roles and permissions, as the tables hold them."""
    return portal_admin.page(
        request, "staff/roles.html", _("Who may do what"), roles=roles.ROLES.values(), matrix=roles.matrix()
    )


@require_safe
def figures_on_a_day(request: HttpRequest) -> HttpResponse:
    """What was the fee, what was the limit, on any day."""
    form = DayForm(request.GET if "on" in request.GET else None, initial={"on": clock.today()})
    day = form.cleaned_data["on"] if form.is_bound and form.is_valid() else clock.today()
    tables = [
        {
            "name": name,
            "title": figure.title,
            "rows": figures.in_force(figure, day),
            "coming": figures.to_come(figure, day),
        }
        for name, figure in figures.figures.items()
    ]
    may_propose = request.user.has_perm("staff.propose_figure")
    context = {"form": form, "day": day, "tables": tables, "may_propose": may_propose}
    return portal_admin.page(request, "staff/figures.html", _("Fees and limits"), **context)


@require_get_or_post
def propose_figure(request: HttpRequest, name: str) -> HttpResponse:
    """Propose a new row; somebody else approves it."""
    try:
        figure = figures.figures.get(name)
    except LookupError:
        raise Http404 from None
    form = figures.form_class(figure)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        payload = figures.payload_of(name, form.cleaned_data)
        done = _propose(request, figures.KIND, payload, form)
        if done is not None:
            return done
    return portal_admin.page(request, "staff/propose.html", _("Propose a change"), form=form, about=figure.title)


@require_safe
def all_switches(request: HttpRequest) -> HttpResponse:
    """Which services are on."""
    rows = {row.code: row for row in PortalSwitch.objects.all()}
    lines = [
        {"code": code, "switch": switch, "row": rows.get(code), "is_on": code not in rows or rows[code].is_on}
        for code, switch in switches.known().items()
    ]
    may_propose = request.user.has_perm("staff.propose_switch")
    return portal_admin.page(request, "staff/switches.html", _("Switches"), lines=lines, may_propose=may_propose)


@require_get_or_post
def propose_switch(request: HttpRequest, code: str) -> HttpResponse:
    """Propose to flip one switch."""
    if code not in switches.known():
        raise Http404
    is_on = switches.is_on(code)
    form = SwitchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        payload = {
            "code": code,
            "is_on": not is_on,
            "notice_en": typed["notice_en"],
            "notice_sw": typed["notice_sw"],
            "since": typed["since"].isoformat(),
        }
        done = _propose(request, switches.KIND, payload, form)
        if done is not None:
            return done
    about = switches.describe({"code": code, "is_on": not is_on})
    return portal_admin.page(request, "staff/propose.html", _("Propose a change"), form=form, about=about)


def _propose(request: HttpRequest, kind: str, payload: Any, form: Any) -> HttpResponse | None:
    """To the new proposal, or None with the refusal at its field."""
    try:
        proposal = proposals.propose(
            kind, payload, reason=form.cleaned_data["reason"], user=request.user, actor=actor_from(request)
        )
    except PortalError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    messages.success(request, _("Proposed. Another person has to approve it."))
    return redirect("admin:proposal", proposal.pk)


@require_safe
def all_proposals(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, and what was decided lately."""
    rows = [_line(proposal) for proposal in proposals.visible_to(request.user)]
    return portal_admin.page(request, "staff/proposals.html", _("Proposals"), rows=rows)


@require_safe
def proposal(request: HttpRequest, proposal_id: uuid.UUID) -> HttpResponse:
    """One proposal with what this person may do about it."""
    row = proposals.get(proposal_id, request.user)
    kind = proposals.kinds.get(row.kind)
    is_own = row.made_by == request.user.pk
    may_check = request.user.has_perm(kind.check_permission)
    waits = row.state == row.State.PENDING
    context = {
        **_line(row),
        "may_approve": waits and may_check and not is_own,
        "may_refuse": waits and (may_check or is_own),
        "is_own": waits and is_own,
    }
    return portal_admin.page(request, "staff/proposal.html", _("Proposal"), **context)


@require_POST
def decide(request: HttpRequest, proposal_id: uuid.UUID) -> HttpResponse:
    """Approve or refuse."""
    proposals.get(proposal_id, request.user)
    try:
        if "approve" in request.POST:
            proposals.approve(proposal_id, user=request.user, actor=actor_from(request))
            messages.success(request, _("Approved and done."))
        else:
            proposals.refuse(proposal_id, user=request.user, actor=actor_from(request))
            messages.success(request, _("Refused. Nothing has changed."))
    except proposals.NotAllowed as refusal:
        raise PermissionDenied from refusal
    except PortalError as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:proposal", proposal_id)


def _line(row: Any) -> dict[str, Any]:
    kind = proposals.kinds.get(row.kind)
    return {"proposal": row, "kind": kind.title, "what": kind.describe(row.payload)}


def queue_lines() -> list[tuple[Any, Any, bool]]:
    """How long the oldest due message has been waiting."""
    seconds = outbox.oldest_due_seconds()
    value = _("Nothing is waiting") if seconds is None else _("%(seconds)s s") % {"seconds": seconds}
    return [(_("Oldest message due"), value, seconds is not None and seconds > 60)]


def proposal_lines() -> list[tuple[Any, Any, bool]]:
    """How many proposals wait for a second person."""
    waiting = Proposal.objects.filter(state=Proposal.State.PENDING).count()
    return [(_("Waiting for a second person"), waiting, waiting > 0)]


def switch_lines() -> list[tuple[Any, Any, bool]]:
    """Which services are switched off now."""
    titles = [str(switches.known()[row.code].title) for row in switches.off_rows(switches.known())]
    return [(_("Switched off"), ", ".join(titles) or _("None"), bool(titles))]


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    figures.register_kind()
    see_figures, see_switches, see_proposals = "staff.view_figures", "staff.view_portalswitch", "staff.view_proposal"
    add = portal_admin.add_board
    add("proposals", "proposals/", all_proposals, gettext_lazy("Proposals"), see_proposals)
    add("proposal", "proposals/<uuid:proposal_id>/", proposal, gettext_lazy("Proposal"), see_proposals)
    add("proposal_decide", "proposals/<uuid:proposal_id>/decide/", decide, gettext_lazy("Proposal"), see_proposals)
    add("figures", "figures/", figures_on_a_day, gettext_lazy("Fees and limits"), see_figures)
    add("figure_propose", "figures/<str:name>/", propose_figure, gettext_lazy("Propose"), "staff.propose_figure")
    add("switches", "switches/", all_switches, gettext_lazy("Switches"), see_switches)
    add("switch_propose", "switches/<str:code>/", propose_switch, gettext_lazy("Propose"), "staff.propose_switch")
    add("who_may_do_what", "roles/", who_may_do_what, gettext_lazy("Who may do what"), "staff.view_roles")
    portal_admin.add_panel(20, gettext_lazy("Messages"), "staff.view_health", queue_lines)
    portal_admin.add_panel(30, gettext_lazy("Proposals"), see_proposals, proposal_lines)
    portal_admin.add_panel(25, gettext_lazy("Services"), see_switches, switch_lines)
    roles.grant_all("staff.view_roles", see_figures, see_switches, see_proposals, "staff.view_health")
    roles.grant(roles.RISK, "staff.propose_figure", "staff.approve_figure")
    roles.grant(roles.OPERATIONS, "staff.propose_figure", "staff.propose_switch", "staff.approve_switch")
