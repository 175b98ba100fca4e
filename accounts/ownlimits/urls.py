"""Addresses of the limits."""

from django.urls import path

from accounts.ownlimits import views

urlpatterns = [
    path("", views.own_limits, name="own_limits"),
    path("keep/", views.own_limits_keep, name="own_limits_keep"),
    path("drafts/<uuid:instruction_id>/", views.own_limits_review, name="own_limits_review"),
    path("drafts/<uuid:instruction_id>/confirm/", views.own_limits_confirm, name="own_limits_confirm"),
    path("drafts/<uuid:instruction_id>/cancel/", views.own_limits_cancel, name="own_limits_cancel"),
]
