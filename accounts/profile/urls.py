"""Addresses of the profile."""

from django.urls import path

from accounts.profile import paperviews, views

urlpatterns = [
    path("settings/profile/", views.profile, name="profile"),
    *(
        path(f"settings/profile/{part}/", views.profile_part, {"part": part}, name=f"profile_{part}")
        for part in views.PARTS
    ),
    path("settings/profile/papers/", paperviews.profile_papers, name="profile_papers"),
    path("settings/profile/contact/", views.contact_change, name="contact_change"),
    path("settings/profile/contact/<uuid:instruction_id>/review/", views.contact_review, name="contact_review"),
    path("settings/profile/contact/<uuid:instruction_id>/confirm/", views.contact_confirm, name="contact_confirm"),
    path("settings/profile/contact/<uuid:instruction_id>/cancel/", views.contact_cancel, name="contact_cancel"),
    path("settings/profile/contact/<uuid:change_id>/", views.contact_prove, name="contact_prove"),
    path("settings/profile/contact/<uuid:change_id>/send/", views.contact_send, name="contact_send"),
    path("undo/<slug:token>/", views.contact_undo, name="contact_undo"),
]
