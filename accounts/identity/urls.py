"""Addresses of signing in."""

from django.urls import path

from accounts.identity.views import activate, devices, enrol, forgot, passwords, session, sign_in, step_up

urlpatterns = [
    path("login/", sign_in.login, name="login"),
    path("login/code/", sign_in.login_code, name="login_code"),
    path("login/code/resend/", sign_in.login_resend, name="login_resend"),
    path("logout/", session.logout, name="logout"),
    path("enrol/", enrol.enrol, name="enrol"),
    path("enrol/code/", enrol.enrol_code, name="enrol_code"),
    path("enrol/code/resend/", enrol.enrol_resend, name="enrol_resend"),
    path("enrol/password/", enrol.enrol_password, name="enrol_password"),
    path("activate/", activate.activate, name="activate"),
    path("activate/code/", activate.activate_code, name="activate_code"),
    path("activate/code/resend/", activate.activate_resend, name="activate_resend"),
    path("activate/password/", activate.activate_password, name="activate_password"),
    path("forgot/", forgot.forgot, name="forgot"),
    path("forgot/sent/", forgot.forgot_sent, name="forgot_sent"),
    path("forgot/link/", forgot.forgot_link, name="forgot_link"),
    path("forgot/link/<str:token>/", forgot.forgot_open, name="forgot_open"),
    path("forgot/code/", forgot.forgot_code, name="forgot_code"),
    path("forgot/code/resend/", forgot.forgot_resend, name="forgot_resend"),
    path("forgot/password/", forgot.forgot_password, name="forgot_password"),
    path("step-up/", step_up.step_up, name="step_up"),
    path("step-up/resend/", step_up.step_up_resend, name="step_up_resend"),
    path("session/extend/", session.session_extend, name="session_extend"),
    path("session/keep/", session.session_keep, name="session_keep"),
    path("settings/password/", passwords.password, name="password"),
    path("settings/password/<uuid:instruction_id>/", passwords.password_changed, name="password_changed"),
    path("settings/devices/", devices.devices, name="devices"),
    path("settings/devices/others/end/", devices.sessions_end_others, name="sessions_end_others"),
    path("settings/devices/sessions/<uuid:session_id>/end/", devices.session_end, name="session_end"),
    path("settings/devices/<uuid:device_id>/forget/", devices.device_forget, name="device_forget"),
    path("settings/sign-ins/", session.sign_in_history, name="sign_in_history"),
    path("settings/sign-ins/not-me/", session.not_me, name="not_me"),
]
