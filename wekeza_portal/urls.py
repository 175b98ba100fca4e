"""All addresses of the portal. Each app lists its own; names are unique across them."""

from django.urls import include, path

from wekeza_portal.staff.site import portal_admin

handler400 = "wekeza_portal.pages.bad_request"
handler403 = "wekeza_portal.pages.forbidden"
handler404 = "wekeza_portal.pages.not_found"
handler500 = "wekeza_portal.operations.server_error"

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("accounts.identity.urls")),
    path("", include("accounts.preferences.urls")),
    path("", include("accounts.approvals.urls")),
    path("", include("accounts.freezing.urls")),
    path("", include("accounts.calling.urls")),
    path("settings/notifications/", include("accounts.notices.urls")),
    path("", include("accounts.supporting.urls")),
    path("settings/limits/", include("accounts.ownlimits.urls")),
    path("", include("accounts.profile.urls")),
    path("settings/cards/", include("accounts.cards.urls")),
    path("settings/services/", include("accounts.servicing.urls")),
    path("", include("accounts.privacy.urls")),
    path("inbox/", include("accounts.inbox.urls")),
    path("move/", include("transfers.urls")),
    path("view/", include("statements.urls")),
    path("borrow/", include("lending.urls")),
    path("insure/", include("insurance.urls")),
    path("save/", include("savings.urls")),
    path("save/", include("transfers.collecting.urls")),
    path("papers/", include("wekeza_portal.uploads.urls")),
    path("verify/", include("wekeza_portal.documents.urls")),
    path("rails/", include("wekeza_portal.rails.urls")),
    path("", include("wekeza_portal.pages_urls")),
    path("", include("wekeza_portal.operations_urls")),
    path("", include("wekeza_portal.branch.counter.urls")),
    path("admin/", portal_admin.urls),
]
