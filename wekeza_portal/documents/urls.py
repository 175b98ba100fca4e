"""Addresses where anybody verifies a paper."""

from django.urls import path

from wekeza_portal.documents import views

urlpatterns = [
    path("", views.verify, name="verify"),
    path("<str:code>/", views.verify_paper, name="verify_paper"),
]
