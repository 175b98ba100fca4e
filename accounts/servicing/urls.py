"""Addresses of services and letters, below /settings/services/."""

from django.urls import path

from accounts.models import BankLetter
from accounts.servicing import catalogue
from accounts.servicing.views import asking, letters

urlpatterns = [
    path("", asking.services, name="services"),
    path("new-account/", asking.ask, {"kind": catalogue.NEW_ACCOUNT}, name="service_new_account"),
    path("close-account/", asking.ask, {"kind": catalogue.CLOSE_ACCOUNT}, name="service_close"),
    path("wake-account/", asking.ask, {"kind": catalogue.WAKE_ACCOUNT}, name="service_wake"),
    path("mandate/", asking.ask, {"kind": catalogue.MANDATE}, name="service_mandate"),
    path("cheque-book/", asking.ask, {"kind": catalogue.CHEQUE_BOOK}, name="service_cheques"),
    path("reference/", asking.ask, {"kind": catalogue.REFERENCE}, name="service_reference"),
    path("letters/account/", letters.new, {"kind": BankLetter.Kind.ACCOUNT}, name="letter_account"),
    path("letters/balance/", letters.new, {"kind": BankLetter.Kind.BALANCE}, name="letter_balance"),
    path("letters/drafts/<uuid:instruction_id>/", letters.review, name="letter_review"),
    path("letters/drafts/<uuid:instruction_id>/confirm/", letters.confirm, name="letter_confirm"),
    path("letters/drafts/<uuid:instruction_id>/cancel/", letters.cancel, name="letter_cancel"),
    path("letters/<uuid:letter_id>/", letters.letter, name="letter"),
    path("letters/<uuid:letter_id>/letter.pdf", letters.letter_pdf, name="letter_pdf"),
    path("letters/<uuid:letter_id>/receipt.pdf", letters.receipt_pdf, name="letter_receipt_pdf"),
]
