"""Addresses of Save."""

from django.urls import path

from savings import views

urlpatterns = [
    path("", views.save, name="save"),
]
