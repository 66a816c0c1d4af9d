"""The same application on Django: REST framework, django-simple-history, gunicorn's threads."""

import os
import sys
from typing import Any
from uuid import uuid4

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

APP = "tests.benchmarks.contestants.django_cases"
THREADS = 16


def configure(url: str) -> None:
    """Set Django up as a team would for production, on one database."""
    known = conninfo_to_dict(url)
    settings.configure(
        SECRET_KEY=str(uuid4()),
        DEBUG=False,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=f"{APP}.views",
        USE_TZ=True,
        LOGGING_CONFIG=None,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "rest_framework",
            "rest_framework.authtoken",
            "simple_history",
            APP,
        ],
        MIGRATION_MODULES=dict.fromkeys(("auth", "contenttypes", "authtoken", "django_cases")),
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.common.CommonMiddleware",
            "simple_history.middleware.HistoryRequestMiddleware",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": known["dbname"],
                "HOST": known["host"],
                "PORT": known.get("port", ""),
                "USER": known["user"],
                "PASSWORD": known.get("password", ""),
                "CONN_MAX_AGE": None,  # a connection stays with its thread
                "OPTIONS": {"server_side_binding": True},
            }
        },
        REST_FRAMEWORK={
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "DEFAULT_PARSER_CLASSES": [
                "rest_framework.parsers.JSONParser",
                "rest_framework.parsers.FormParser",
            ],
            "DEFAULT_AUTHENTICATION_CLASSES": [],
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"],
    )
    django.setup()


def prepare(username: str, password: str, children: int) -> None:
    """Make the tables, one account and its school's children; print the children's ids."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415  # once it is set up
    from django.core.management import call_command  # noqa: PLC0415

    from tests.benchmarks.contestants.django_cases.models import Student  # noqa: PLC0415

    call_command("migrate", run_syncdb=True, verbosity=0)
    get_user_model().objects.create_user(username, password=password)
    made = Student.objects.bulk_create(
        Student(
            name="测小舟",
            student_number=f"G{n:018d}",
            school_code="3141000058",
            grade=7,
            class_name="1班",
        )
        for n in range(children)
    )
    print("\n".join(str(student.pk) for student in made))  # noqa: T201


def serve(port: int) -> None:
    """Serve from gunicorn, one process, a thread for each caller."""
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415

    class Served(BaseApplication):
        def load_config(self) -> None:
            for name, value in {
                "bind": f"127.0.0.1:{port}",
                "worker_class": "gthread",
                "threads": THREADS,
                "keepalive": 60,
                "loglevel": "warning",
                "control_socket_disable": True,
            }.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            return get_wsgi_application()

    Served().run()


if __name__ == "__main__":
    configure(os.environ["DJANGO_URL"])
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        serve(int(sys.argv[1]))
