"""Addresses of the inbox."""

from django.urls import path

from accounts.inbox import views

urlpatterns = [
    path("", views.inbox_page, name="inbox"),
    path("read/", views.inbox_read_all, name="inbox_read_all"),
    path("<uuid:message_id>/", views.message, name="inbox_message"),
    path("<uuid:message_id>/read/", views.message_read, name="inbox_message_read"),
    path("<uuid:message_id>/archive/", views.message_archive, name="inbox_message_archive"),
]
