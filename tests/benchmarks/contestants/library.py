"""The eventsourcing library as it comes: its application, its recorder, its JSON, in threads."""

import time
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict


class Case(Aggregate):
    """A child as the library's examples would write one."""

    class Enrolled(Aggregate.Created):
        name: str

    @event(Enrolled)
    def __init__(self, name: str) -> None:
        self.name = name
        self.visits = 0

    @event("HomeVisited")
    def visit_home(self, by: str, occurred_on: str, facts: dict[str, Any]) -> None:
        self.visits += 1


class Cases(Application[UUID]):
    def enrol(self, name: str) -> UUID:
        case = Case(name)
        self.save(case)
        return case.id

    def visit_home(self, case_id: UUID, by: str, occurred_on: str, facts: dict[str, Any]) -> int:
        """Record a visit; return its position."""
        case: Case = self.repository.get(case_id)
        case.visit_home(by=by, occurred_on=occurred_on, facts=facts)
        return self.save(case)[-1].notification.id


def environment(url: str) -> dict[str, str]:
    """Give the library's settings for a database, with a connection for each of 16 threads."""
    known = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(known["dbname"]),
        "POSTGRES_HOST": str(known["host"]),
        "POSTGRES_PORT": str(known.get("port", 5432)),
        "POSTGRES_USER": str(known["user"]),
        "POSTGRES_PASSWORD": str(known.get("password", "")),
        "POSTGRES_POOL_SIZE": "16",
        "POSTGRES_MAX_OVERFLOW": "4",
    }


def rate(cases: Cases, callers: int, each: int, a_child: int, facts: dict[str, Any]) -> float:
    """Load and save from threads, ``a_child`` visits for one child; return appends a second."""
    begin = Barrier(callers + 1)

    def work() -> None:
        ids = [cases.enrol("测小舟") for _ in range(each // a_child)]
        begin.wait()
        for case_id in ids:
            for _ in range(a_child):
                cases.visit_home(case_id, "acc-teacher", "2026-11-24", facts)

    threads = [Thread(target=work) for _ in range(callers)]
    for thread in threads:
        thread.start()
    begin.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return callers * each / (time.perf_counter() - started)
