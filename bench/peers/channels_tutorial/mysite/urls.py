from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("ready", lambda request: HttpResponse("ready"))]
