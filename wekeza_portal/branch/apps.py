from django.apps import AppConfig


class BranchConfig(AppConfig):
    name = "wekeza_portal.branch"
    label = "branch"
