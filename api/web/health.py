"""运行状况: readiness and metrics in words."""

import asyncio
import re
from typing import Any, NamedTuple

from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import Response

from api.problems import Problem
from api.web.audit import ready
from api.web.navigation import RUNNING
from api.web.routing import page
from api.web.visit import Visit

FAULT = 500
# Every route's times and the moments at which counting began are for machines.
LEFT_OUT = re.compile(r"^(?:# \w+ )?guixue_(?:request_seconds|\w+_created).*\n", re.MULTILINE)


class Reading(NamedTuple):
    """One measured value: its name, what it means, of what, and how much."""

    name: str
    means: str
    of: str
    value: str


async def health(visit: Visit) -> Response:
    """
    Say what runs as it should, and what does not.

    :raises Problem: ``not-allowed`` for whoever does not run the service
    """
    if not visit.roles & RUNNING:
        raise Problem("not-allowed")
    standing, metrics = await asyncio.gather(ready(visit), visit.ask.get("/metrics"))
    readings, served, faults = read(metrics.content.decode())
    return visit.page(
        "health.html", standing=standing, readings=readings, served=served, faults=faults
    )


def read(text: str) -> tuple[list[Reading], int, int]:
    """Give every gauge, how many requests were answered, and how many with a fault of ours."""
    readings, served, faults = [], 0, 0
    for family in text_string_to_metric_families(LEFT_OUT.sub("", text)):
        for sample in family.samples:
            if family.name == "guixue_requests" and sample.name.endswith("_total"):
                served += int(sample.value)
                faults += int(sample.value) if is_fault(sample.labels) else 0
            elif family.type == "gauge" and family.name.startswith("guixue_"):
                of = " ".join(sample.labels.values())
                readings.append(
                    Reading(sample.name, family.documentation, of, f"{sample.value:.15g}")
                )
    return readings, served, faults


def is_fault(labels: dict[str, Any]) -> bool:
    return str(labels.get("status", "")) == str(FAULT)


routes = [page("/admin/health", health)]
