from django.urls import path

from transfers.views import hub, inside, orders, outside, payments, standing

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
    path("standing/", orders.standing, name="standing"),
    path("standing/new/", standing.standing_new, name="standing_new"),
    path("standing/drafts/<uuid:instruction_id>/", standing.standing_review, name="standing_review"),
    path("standing/drafts/<uuid:instruction_id>/confirm/", standing.standing_confirm, name="standing_confirm"),
    path("standing/drafts/<uuid:instruction_id>/cancel/", standing.standing_cancel, name="standing_cancel"),
    path("standing/<uuid:order_id>/", orders.standing_order, name="standing_order"),
    path("standing/<uuid:order_id>/change/", orders.standing_change, name="standing_change"),
    path("standing/<uuid:order_id>/skip/", orders.standing_skip, name="standing_skip"),
    path("standing/<uuid:order_id>/pause/", orders.standing_pause, name="standing_pause"),
    path("standing/<uuid:order_id>/resume/", orders.standing_resume, name="standing_resume"),
    path("standing/<uuid:order_id>/end/", orders.standing_end, name="standing_end"),
    path("standing/<uuid:order_id>/pay/", orders.standing_pay, name="standing_pay"),
]
