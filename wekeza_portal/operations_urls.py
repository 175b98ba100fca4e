from django.urls import path

from wekeza_portal import operations

urlpatterns = [
    path("healthz", operations.healthz, name="healthz"),
    path("readyz", operations.readyz, name="readyz"),
    path("demo/phone/", operations.demo_phone, name="demo_phone"),
]
