"""Addresses of stopping everything: inside, and open to everybody."""

from django.urls import path

from accounts.freezing import public, views

urlpatterns = [
    path("freeze/", public.freeze, name="freeze"),
    path("freeze/code/", public.freeze_code, name="freeze_code"),
    path("freeze/done/", public.freeze_done, name="freeze_done"),
    path("freeze/card.pdf", public.freeze_card, name="freeze_card"),
    path("settings/freeze/", views.stop_everything, name="stop_everything"),
    path("settings/freeze/now/", views.freeze_now, name="freeze_now"),
    path("settings/freeze/lift/", views.unfreeze_ask, name="unfreeze_ask"),
    path("settings/freeze/keep/", views.unfreeze_call_off, name="unfreeze_call_off"),
]
