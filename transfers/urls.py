from django.urls import path

from transfers.views import fees, hub, inside, outside, payments

urlpatterns = [
    path("", hub.move, name="move"),
    path("own/", inside.move_own, name="move_own"),
    path("wekeza/", inside.move_wekeza, name="move_wekeza"),
    path("mobile/", outside.move_mobile, name="move_mobile"),
    path("airtime/", outside.move_airtime, name="move_airtime"),
    path("bank/", outside.move_bank, name="move_bank"),
    path("bills/", hub.move_bills, name="move_bills"),
    path("bills/pay/", outside.move_bill, name="move_bill"),
    path("fees/", fees.move_fees, name="move_fees"),
    path("cdsc/", outside.move_cdsc, name="move_cdsc"),
    path("payments/<uuid:instruction_id>/review/", payments.payment_review, name="payment_review"),
    path("payments/<uuid:instruction_id>/confirm/", payments.payment_confirm, name="payment_confirm"),
    path("payments/<uuid:instruction_id>/cancel/", payments.payment_cancel, name="payment_cancel"),
    path("payments/<uuid:instruction_id>/", payments.payment_receipt, name="payment_receipt"),
    path("payments/<uuid:instruction_id>/receipt.pdf", payments.payment_receipt_pdf, name="payment_receipt_pdf"),
    path("payments/<uuid:instruction_id>/state/", payments.payment_state, name="payment_state"),
    path("payments/<uuid:instruction_id>/mail/", payments.payment_receipt_mail, name="payment_receipt_mail"),
    path("payments/<uuid:instruction_id>/note.pdf", payments.payment_broker_note, name="payment_broker_note"),
    path("payments/<uuid:instruction_id>/stop-checks/", payments.payment_receipt_stop, name="payment_receipt_stop"),
]
