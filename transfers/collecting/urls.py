"""Addresses of money that comes in, under Save, where a customer looks for them."""

from django.urls import path

from transfers.views import collecting

urlpatterns = [
    path("deposit/mpesa/", collecting.deposit_mpesa, name="deposit_mpesa"),
    path("deposit/mpesa/<uuid:instruction_id>/", collecting.deposit_page, name="deposit_page"),
    path("deposit/mpesa/<uuid:instruction_id>/review/", collecting.deposit_review, name="deposit_review"),
    path("deposit/mpesa/<uuid:instruction_id>/confirm/", collecting.deposit_confirm, name="deposit_confirm"),
    path("deposit/mpesa/<uuid:instruction_id>/state/", collecting.deposit_state, name="deposit_state"),
    path("received/<uuid:incoming_id>/", collecting.received, name="received"),
    path("received/<uuid:incoming_id>/receipt.pdf", collecting.received_receipt_pdf, name="received_receipt_pdf"),
]
