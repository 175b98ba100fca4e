from django.urls import path

from transfers.views import asking, hub, inside, outside, payments

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
    path("requests/", asking.money_requests, name="money_requests"),
    path("requests/ask/", asking.ask_for_money, name="ask_for_money"),
    path("requests/blocked/<uuid:blocked_id>/unblock/", asking.money_asker_unblock, name="money_asker_unblock"),
    path("requests/<uuid:request_id>/", asking.money_request, name="money_request"),
    path("requests/<uuid:request_id>/decline/", asking.money_request_decline, name="money_request_decline"),
    path("requests/<uuid:request_id>/block/", asking.money_request_block, name="money_request_block"),
    path("requests/<uuid:request_id>/take-back/", asking.money_request_take_back, name="money_request_take_back"),
    path("be-paid/", asking.be_paid, name="be_paid"),
    path("payments/<uuid:instruction_id>/review/", payments.payment_review, name="payment_review"),
    path("payments/<uuid:instruction_id>/confirm/", payments.payment_confirm, name="payment_confirm"),
    path("payments/<uuid:instruction_id>/cancel/", payments.payment_cancel, name="payment_cancel"),
    path("payments/<uuid:instruction_id>/", payments.payment_receipt, name="payment_receipt"),
    path("payments/<uuid:instruction_id>/receipt.pdf", payments.payment_receipt_pdf, name="payment_receipt_pdf"),
    path("payments/<uuid:instruction_id>/stop-checks/", payments.payment_receipt_stop, name="payment_receipt_stop"),
]
