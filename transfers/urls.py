from django.urls import path

from transfers import views

urlpatterns = [
    path("", views.move, name="move"),
    path("own/", views.move_own, name="move_own"),
    path("wekeza/", views.move_wekeza, name="move_wekeza"),
    path("payments/<uuid:instruction_id>/review/", views.payment_review, name="payment_review"),
    path("payments/<uuid:instruction_id>/confirm/", views.payment_confirm, name="payment_confirm"),
    path("payments/<uuid:instruction_id>/cancel/", views.payment_cancel, name="payment_cancel"),
    path("payments/<uuid:instruction_id>/", views.payment_receipt, name="payment_receipt"),
    path("payments/<uuid:instruction_id>/receipt.pdf", views.payment_receipt_pdf, name="payment_receipt_pdf"),
    path("payments/<uuid:instruction_id>/stop-checks/", views.payment_receipt_stop, name="payment_receipt_stop"),
]
