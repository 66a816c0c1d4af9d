"""The tables, each of which django-simple-history keeps every version of."""

from uuid import uuid4

from django.db import models
from simple_history.models import HistoricalRecords


class Kept(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)

    class Meta:
        abstract = True


class Student(Kept):
    name = models.CharField(max_length=100)
    student_number = models.CharField(max_length=30, unique=True)
    school_code = models.CharField(max_length=20, db_index=True)
    grade = models.IntegerField()
    class_name = models.CharField(max_length=20)
    history = HistoricalRecords()


class Case(Kept):
    student = models.ForeignKey(Student, models.PROTECT, related_name="cases")
    status = models.CharField(max_length=20, db_index=True)
    first_absent_on = models.DateField()
    absence_kind = models.CharField(max_length=20)
    seen_on = models.DateField(null=True)
    close_reason = models.CharField(max_length=10, null=True)  # noqa: DJ001
    history = HistoricalRecords()


class HomeVisit(Kept):
    case = models.ForeignKey(Case, models.PROTECT)
    occurred_on = models.DateField()
    mode = models.CharField(max_length=20)
    visitors = models.JSONField()
    met = models.JSONField()
    guardian_view = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    history = HistoricalRecords()


class Persuasion(Kept):
    case = models.ForeignKey(Case, models.PROTECT)
    occurred_on = models.DateField()
    persuaders = models.JSONField()
    met = models.JSONField()
    outcome = models.CharField(max_length=20)
    history = HistoricalRecords()
