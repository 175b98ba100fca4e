"""Addresses of the messages a customer gets."""

from django.urls import path

from accounts.notices import views

urlpatterns = [
    path("", views.notifications, name="notifications"),
    path("test/", views.notification_test, name="notification_test"),
    path("test/<uuid:message_id>/", views.notification_tested, name="notification_tested"),
]
