from django.urls import path

from accounts.approvals import views

urlpatterns = [
    path("settings/details/", views.correct_details, name="correct_details"),
    path("settings/requests/", views.requests, name="requests"),
    path("settings/requests/<uuid:request_id>/", views.request_page, name="request_page"),
    path("settings/requests/<uuid:request_id>/send/", views.request_send, name="request_send"),
    path("settings/requests/<uuid:request_id>/cancel/", views.request_cancel, name="request_cancel"),
    path("settings/requests/<uuid:request_id>/withdraw/", views.request_withdraw, name="request_withdraw"),
    path(
        "settings/requests/<uuid:request_id>/papers/<uuid:paper_id>/remove/",
        views.request_paper_remove,
        name="request_paper_remove",
    ),
]
