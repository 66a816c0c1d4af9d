"""What is counted while serving: requests by route and status, and where log and views stand."""

from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from projections.freshness import Standing


class Meters:
    """One registry per app, so that several may run in a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "guixue_requests", "Requests answered", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "guixue_request_seconds", "Time to answer", ["route"], registry=self.registry
        )
        self.head = Gauge("guixue_log_head", "Position of the last entry", registry=self.registry)
        self.lag = Gauge("guixue_views_lag", "Entries the views are behind", registry=self.registry)
        self.parked = Gauge(
            "guixue_view_parked_at",
            "Position of the entry a view does not get past",
            ["view", "kind", "error"],
            registry=self.registry,
        )
        self.rebuilding = Gauge(
            "guixue_views_rebuilding", "1 while views are rebuilt", registry=self.registry
        )
        self.damaged = Gauge(
            "guixue_children_damaged",
            "Children with an entry that does not open, as far as the views met them",
            registry=self.registry,
        )
        self.database = Gauge("guixue_database_up", "1 if it answers", registry=self.registry)

        self.checkpoint = Gauge(
            "guixue_log_checkpoint", "Size of the last checkpoint", registry=self.registry
        )
        self.cosigned = Gauge(
            "guixue_log_cosigned_at_seconds",
            "When a witness last cosigned, in seconds since 1970; 0 if never",
            ["witness"],
            registry=self.registry,
        )

    def show_proof(self, size: int, witnesses: Iterable[Mapping[str, Any]]) -> None:
        """Take in how much of the log is signed, and how it stands with each witness."""
        self.checkpoint.set(size)
        for one in witnesses:
            self.cosigned.labels(one["witness"]).set(one["at"].timestamp() if one["at"] else 0)

    def show(self, head: int, standing: Standing) -> None:
        """Take in where log and views stand now."""
        self.lag.set(head - standing.position)
        self.rebuilding.set(standing.rebuilding is not None or standing.being_rebuilt)
        self.damaged.set(len(standing.damaged))
        self.parked.clear()
        for one in standing.parked:
            self.parked.labels(one.view, one.kind, one.error).set(one.position)


class Metered:
    """Counts every request by its route's pattern, never by its path."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        began = perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._meters.requests.labels(route, str(status)).inc()
            self._meters.seconds.labels(route).observe(perf_counter() - began)
