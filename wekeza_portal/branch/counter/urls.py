from django.urls import path

from wekeza_portal.branch.counter import views

urlpatterns = [path("demo/branch/", views.counter, name="demo_branch")]
