"""Addresses of what a customer handed in."""

from django.urls import path

from wekeza_portal.uploads import views

urlpatterns = [
    path("<uuid:upload_id>/", views.download, name="upload_download"),
]
