"""The staff's pages of legal texts: every version there is, and the form that proposes another."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import LegalText
from accounts.privacy import changingtexts, texts
from wekeza_portal.errors import PortalError
from wekeza_portal.staff import proposals, roles
from wekeza_portal.staff.door import actor_from
from wekeza_portal.staff.site import portal_admin

LONGEST = 30_000


def _box(label: Any, rows: int, *, required: bool = True) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=LONGEST, required=required, widget=widget)


class TextForm(forms.Form):
    """The whole text in both languages, what is new in it, and from when it holds."""

    kind = forms.ChoiceField(label=gettext_lazy("Which text"), choices=LegalText.Kind.choices)
    effective_from = forms.DateField(
        label=gettext_lazy("In force from"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text_en = _box(gettext_lazy("Text in English"), 20)
    text_sw = _box(gettext_lazy("Text in Kiswahili"), 20)
    changes_en = _box(gettext_lazy("What has changed, in English"), 4)
    changes_sw = _box(gettext_lazy("What has changed, in Kiswahili"), 4)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


@require_safe
def legal_texts(request: HttpRequest) -> HttpResponse:
    """Every version of every text, the latest first."""
    tables = [{"title": kind.label, "name": str(kind), "rows": texts.versions(kind)} for kind in LegalText.Kind]
    context = {"tables": tables, "may_propose": request.user.has_perm(changingtexts.PROPOSE)}
    return portal_admin.page(request, "staff/legal_texts.html", _("Legal texts"), **context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose_text(request: HttpRequest) -> HttpResponse:
    """Propose a new version, beginning with the words of the latest; somebody else approves it."""
    form = TextForm(request.POST or None, initial=_initial(request.GET.get("kind", "")))
    if request.method == "POST" and form.is_valid():
        done = _propose(request, form)
        if done is not None:
            return done
    about = _('A line that begins with "## " is a heading, one that begins with "- " a point of a list.')
    return portal_admin.page(request, "staff/propose.html", _("Legal texts"), form=form, about=about)


def _initial(kind: str) -> dict[str, Any]:
    latest = texts.versions(kind)[:1] if kind in LegalText.Kind.values else []
    return {"kind": kind, "text_en": latest[0].text_en, "text_sw": latest[0].text_sw} if latest else {}


def _propose(request: HttpRequest, form: TextForm) -> HttpResponse | None:
    payload, reason = changingtexts.payload_of(form.cleaned_data), form.cleaned_data["reason"]
    try:
        made = proposals.propose(
            changingtexts.KIND, payload, reason=reason, user=request.user, actor=actor_from(request)
        )
    except PortalError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    messages.success(request, _("Proposed. Another person has to approve it."))
    return redirect("admin:proposal", made.pk)


def register() -> None:
    """Put the pages into the staff's index; what each role may do with them."""
    changingtexts.register_kind()
    add = portal_admin.add_board
    add("legal_texts", "texts/", legal_texts, gettext_lazy("Legal texts"), changingtexts.SEE)
    add(
        "legal_text_propose",
        "texts/new/",
        propose_text,
        gettext_lazy("Legal texts"),
        changingtexts.PROPOSE,
        is_linked=False,
    )
    roles.grant_all(changingtexts.SEE)
    roles.grant(roles.OPERATIONS, changingtexts.PROPOSE, changingtexts.APPROVE)
    roles.grant(roles.RISK, changingtexts.PROPOSE, changingtexts.APPROVE)
