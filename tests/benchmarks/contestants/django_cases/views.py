"""Sign-in and the five steps, as REST framework views; each step is one transaction."""

from typing import Any, ClassVar

from django.db import transaction
from django.urls import path
from rest_framework import serializers
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.benchmarks.contestants.django_cases.models import (
    Case,
    HomeVisit,
    Persuasion,
    Student,
)


class FlagBody(serializers.Serializer):
    first_absent_on = serializers.DateField()
    absence_kind = serializers.ChoiceField(["truancy", "sick_leave", "not_reported"])


class VisitBody(serializers.ModelSerializer):
    class Meta:
        model = HomeVisit
        fields = ("occurred_on", "mode", "visitors", "met", "guardian_view", "next_step")


class PersuasionBody(serializers.ModelSerializer):
    class Meta:
        model = Persuasion
        fields = ("occurred_on", "persuaders", "met", "outcome")


class ReturnBody(serializers.Serializer):
    seen_on = serializers.DateField()
    class_name = serializers.CharField(max_length=20)


class CloseBody(serializers.Serializer):
    reason = serializers.CharField(max_length=10)
    papers = serializers.ListField(child=serializers.DictField())


class Bearer(TokenAuthentication):
    keyword = "Bearer"


class SignIn(APIView):
    def post(self, request: Any) -> Response:
        asked = AuthTokenSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        token, _ = Token.objects.get_or_create(user=asked.validated_data["user"])
        return Response({"access_token": token.key})


class Step(APIView):
    """One step of a case: the child locked, the body checked, one transaction."""

    authentication_classes = (Bearer,)
    permission_classes = (IsAuthenticated,)
    body: ClassVar[Any]
    opens = False

    def post(self, request: Any, student_id: Any) -> Response:
        asked = self.body(data=request.data)
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            try:
                student = Student.objects.select_for_update().get(pk=student_id)
            except Student.DoesNotExist:
                raise NotFound from None
            case = student.cases.exclude(status="closed").first()
            if (case is None) != self.opens:
                raise ValidationError("no open case, or one already")
            case = self.take(student, case, asked.validated_data)
        return Response({"status": case.status}, status=201)

    def take(self, student: Any, case: Any, said: dict[str, Any]) -> Any:
        raise NotImplementedError


class Flag(Step):
    body = FlagBody
    opens = True

    def take(self, student: Any, case: Any, said: dict[str, Any]) -> Any:
        return Case.objects.create(student=student, status="watched", **said)


class Visit(Step):
    body = VisitBody

    def take(self, student: Any, case: Any, said: dict[str, Any]) -> Any:
        HomeVisit.objects.create(case=case, **said)
        return case


class Persuade(Step):
    body = PersuasionBody

    def take(self, student: Any, case: Any, said: dict[str, Any]) -> Any:
        Persuasion.objects.create(case=case, **said)
        return case


class Return(Step):
    body = ReturnBody

    def take(self, student: Any, case: Any, said: dict[str, Any]) -> Any:
        if case.status == "returned" or said["seen_on"] < case.first_absent_on:
            raise ValidationError("nobody to return")
        case.status, case.seen_on = "returned", said["seen_on"]
        case.save(update_fields=["status", "seen_on"])
        return case


class Close(Step):
    body = CloseBody

    def take(self, student: Any, case: Any, said: dict[str, Any]) -> Any:
        if case.status != "returned":
            raise ValidationError("not returned")
        case.status, case.close_reason = "closed", said["reason"]
        case.save(update_fields=["status", "close_reason"])
        return case


urlpatterns = [
    path("v1/token", SignIn.as_view()),
    path("v1/students/<uuid:student_id>/absence-flags", Flag.as_view()),
    path("v1/students/<uuid:student_id>/home-visits", Visit.as_view()),
    path("v1/students/<uuid:student_id>/persuasion-attempts", Persuade.as_view()),
    path("v1/students/<uuid:student_id>/returns", Return.as_view()),
    path("v1/students/<uuid:student_id>/close-out-requests", Close.as_view()),
]
