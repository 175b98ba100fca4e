"""Addresses of what a customer says to a look at their pages."""

from django.urls import path

from accounts.supporting import views

urlpatterns = [
    path("settings/looks/", views.support_views, name="support_views"),
    path("settings/looks/<uuid:view_id>/", views.support_view, name="support_view"),
    path("settings/looks/<uuid:view_id>/agree/", views.support_view_agree, name="support_view_agree"),
    path("settings/looks/<uuid:view_id>/end/", views.support_view_end, name="support_view_end"),
]
