"""Addresses of signing in."""

from django.urls import path

from accounts.identity.views import enrol, factors, passkeys, session, sign_in, step_up

urlpatterns = [
    path("login/", sign_in.login, name="login"),
    path("login/code/", sign_in.login_code, name="login_code"),
    path("login/code/passkey/", sign_in.login_passkey, name="login_passkey"),
    path("login/code/resend/", sign_in.login_resend, name="login_resend"),
    path("logout/", session.logout, name="logout"),
    path("enrol/", enrol.enrol, name="enrol"),
    path("enrol/code/", enrol.enrol_code, name="enrol_code"),
    path("enrol/code/resend/", enrol.enrol_resend, name="enrol_resend"),
    path("enrol/password/", enrol.enrol_password, name="enrol_password"),
    path("step-up/", step_up.step_up, name="step_up"),
    path("step-up/passkey/", step_up.step_up_passkey, name="step_up_passkey"),
    path("step-up/resend/", step_up.step_up_resend, name="step_up_resend"),
    path("session/extend/", session.session_extend, name="session_extend"),
    path("session/keep/", session.session_keep, name="session_keep"),
    path("settings/sign-ins/", session.sign_in_history, name="sign_in_history"),
    path("settings/security/", factors.security_settings, name="security_settings"),
    path("settings/security/first/", factors.first_way, name="first_way"),
    path("settings/security/forget-trusted/", factors.forget_trusted, name="forget_trusted"),
    path("settings/security/change/", factors.change_factors, name="change_factors"),
    path("settings/security/backup-codes/<uuid:instruction_id>/", factors.backup_codes, name="backup_codes"),
    path("settings/security/passkey/<uuid:instruction_id>/", passkeys.passkey_new, name="passkey_new"),
    path("settings/security/app/<uuid:instruction_id>/", factors.factor_app, name="factor_app"),
    path("settings/sign-ins/not-me/", session.not_me, name="not_me"),
]
