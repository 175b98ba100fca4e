"""Addresses of "is the bank calling me?"."""

from django.urls import path

from accounts.calling import views

urlpatterns = [
    path("calling/", views.calling, name="calling"),
    path("calling/code/", views.calling_code, name="calling_code"),
]
