"""Addresses of privacy and of the terms."""

from django.urls import path

from accounts.privacy.views import consents, data, notice, requests, terms

urlpatterns = [
    path("privacy/", notice.privacy_notice, name="privacy_notice"),
    path("terms/", terms.terms_public, name="terms_public"),
    path("terms/accept/", terms.terms_accept, name="terms_accept"),
    path("settings/privacy/", notice.privacy, name="privacy"),
    path("settings/privacy/consents/", consents.consents_page, name="consents"),
    path("settings/privacy/data/", data.data, name="data"),
    path("settings/privacy/data/<uuid:instruction_id>/", data.data_copy, name="data_copy"),
    path("settings/privacy/data/<uuid:instruction_id>/data.json", data.data_json, name="data_json"),
    path("settings/privacy/data/<uuid:instruction_id>/data.pdf", data.data_pdf, name="data_pdf"),
    path("settings/privacy/looks/", data.data_looks, name="data_looks"),
    path("settings/privacy/requests/", requests.data_requests, name="data_requests"),
    path("settings/privacy/requests/new/", requests.data_request_new, name="data_request_new"),
    path("settings/privacy/requests/<uuid:request_id>/", requests.data_request, name="data_request"),
    path(
        "settings/privacy/requests/<uuid:request_id>/withdraw/",
        requests.data_request_withdraw,
        name="data_request_withdraw",
    ),
    path("settings/privacy/terms/", terms.terms_mine, name="terms_mine"),
    path("settings/privacy/terms/<uuid:acceptance_id>/", terms.terms_one, name="terms_one"),
    path("settings/privacy/terms/<uuid:acceptance_id>/terms.pdf", terms.terms_pdf, name="terms_pdf"),
]
