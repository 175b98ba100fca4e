"""Addresses of privacy and of the terms."""

from django.urls import path

from accounts.privacy.views import notice, terms

urlpatterns = [
    path("privacy/", notice.privacy_notice, name="privacy_notice"),
    path("terms/", terms.terms_public, name="terms_public"),
    path("terms/accept/", terms.terms_accept, name="terms_accept"),
    path("settings/privacy/", notice.privacy, name="privacy"),
    path("settings/privacy/terms/", terms.terms_mine, name="terms_mine"),
    path("settings/privacy/terms/<uuid:acceptance_id>/", terms.terms_one, name="terms_one"),
    path("settings/privacy/terms/<uuid:acceptance_id>/terms.pdf", terms.terms_pdf, name="terms_pdf"),
]
