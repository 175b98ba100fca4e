"""Addresses of cards, below /settings/cards/."""

from django.urls import path

from accounts.cards.views import drafts, opening, ordering, pages, showing, usepaper

urlpatterns = [
    path("", pages.cards, name="cards"),
    path("new/", ordering.card_new, name="card_new"),
    path("drafts/<uuid:instruction_id>/", drafts.card_review, name="card_review"),
    path("drafts/<uuid:instruction_id>/confirm/", drafts.card_confirm, name="card_confirm"),
    path("drafts/<uuid:instruction_id>/cancel/", drafts.card_cancel, name="card_cancel"),
    path("receipts/<uuid:instruction_id>/", drafts.card_receipt, name="card_receipt"),
    path("receipts/<uuid:instruction_id>/receipt.pdf", drafts.card_receipt_pdf, name="card_receipt_pdf"),
    path("looks/<uuid:sight_id>/", showing.card_sight, name="card_sight"),
    path("<uuid:card_id>/", pages.card, name="card"),
    path("<uuid:card_id>/uses/", pages.card_uses, name="card_uses"),
    path("<uuid:card_id>/uses/uses.pdf", usepaper.card_uses_pdf, name="card_uses_pdf"),
    path("<uuid:card_id>/freeze/", pages.card_freeze, name="card_freeze"),
    path("<uuid:card_id>/unfreeze/", opening.card_unfreeze, name="card_unfreeze"),
    path("<uuid:card_id>/activate/", opening.card_activate, name="card_activate"),
    path("<uuid:card_id>/controls/", opening.card_controls, name="card_controls"),
    path("<uuid:card_id>/show/", showing.card_show, name="card_show"),
    path("<uuid:card_id>/lost/", pages.card_lost, name="card_lost"),
    path("<uuid:card_id>/replace/", ordering.card_replace, name="card_replace"),
]
