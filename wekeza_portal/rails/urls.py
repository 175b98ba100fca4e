from django.urls import path

from wekeza_portal.rails import views

urlpatterns = [path("<str:token>/", views.rail_callback, name="rail_callback")]
