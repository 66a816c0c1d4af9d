"""What is counted while serving: requests by route and status, and where log and views stand."""

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send


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
        self.database = Gauge("guixue_database_up", "1 if it answers", registry=self.registry)


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
