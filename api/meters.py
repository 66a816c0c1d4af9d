"""What is counted while serving: requests by route and status, and where log and views stand."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.notices.outbox import Standing as Outboxed
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
        self.waiting = Gauge(
            "guixue_notices_waiting", "Notices still to be sent", registry=self.registry
        )
        self.oldest = Gauge(
            "guixue_notices_oldest_seconds",
            "How long the oldest of them has waited; 0 if none does",
            registry=self.registry,
        )
        self.dead = Gauge(
            "guixue_notices_dead",
            "Notices given up, until they are sent or forgotten",
            registry=self.registry,
        )
        self.sent = Counter(
            "guixue_notices_sent", "Notices sent, ever", ["channel"], registry=self.registry
        )
        self._sent: dict[str, int] = {}

    def show_proof(self, size: int, witnesses: Iterable[Mapping[str, Any]]) -> None:
        """Take in how much of the log is signed, and how it stands with each witness."""
        self.checkpoint.set(size)
        for one in witnesses:
            self.cosigned.labels(one["witness"]).set(one["at"].timestamp() if one["at"] else 0)

    def show_notices(self, standing: Outboxed, now: datetime) -> None:
        """Take in how the outbox stands; what was sent is counted in the database."""
        self.waiting.set(standing.waiting)
        self.dead.set(standing.dead)
        waited = (now - standing.oldest).total_seconds() if standing.oldest else 0
        self.oldest.set(max(waited, 0))
        for channel, count in standing.sent.items():
            self.sent.labels(channel).inc(count - self._sent.get(channel, 0))
            self._sent[channel] = count

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
