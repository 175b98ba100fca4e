from django.urls import path

from transfers.views import hub, inside, outside, pauses, payees, payments

urlpatterns = [
    path("", hub.move, name="move"),
    path("own/", inside.move_own, name="move_own"),
    path("wekeza/", inside.move_wekeza, name="move_wekeza"),
    path("mobile/", outside.move_mobile, name="move_mobile"),
    path("airtime/", outside.move_airtime, name="move_airtime"),
    path("bank/", outside.move_bank, name="move_bank"),
    path("bills/", hub.move_bills, name="move_bills"),
    path("bills/pay/", outside.move_bill, name="move_bill"),
    path("cdsc/", outside.move_cdsc, name="move_cdsc"),
    path("payments/<uuid:instruction_id>/review/", payments.payment_review, name="payment_review"),
    path("payments/<uuid:instruction_id>/confirm/", payments.payment_confirm, name="payment_confirm"),
    path("payments/<uuid:instruction_id>/cancel/", payments.payment_cancel, name="payment_cancel"),
    path("payments/<uuid:instruction_id>/", payments.payment_receipt, name="payment_receipt"),
    path("payments/<uuid:instruction_id>/receipt.pdf", payments.payment_receipt_pdf, name="payment_receipt_pdf"),
    path("payments/<uuid:instruction_id>/stop-checks/", payments.payment_receipt_stop, name="payment_receipt_stop"),
    path("payments/<uuid:instruction_id>/pause/", pauses.payment_pause, name="payment_pause"),
    path("payments/<uuid:instruction_id>/keep/", payees.payment_keep, name="payment_keep"),
    path("payees/", payees.payees, name="payees"),
    path("payees/new/", payees.payee_new, name="payee_new"),
    path("payees/drafts/<uuid:instruction_id>/", payees.payee_review, name="payee_review"),
    path("payees/drafts/<uuid:instruction_id>/confirm/", payees.payee_confirm, name="payee_confirm"),
    path("payees/drafts/<uuid:instruction_id>/cancel/", payees.payee_cancel, name="payee_cancel"),
    path("payees/<uuid:payee_id>/", payees.payee, name="payee"),
    path("payees/<uuid:payee_id>/remove/", payees.payee_remove, name="payee_remove"),
]
