"""What the service counts, for Prometheus."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_TEXTS = (1, 2, 4, 8, 16, 32, 64)
CLOSED = 499
"""The status of a request whose client left before it was answered."""


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "zhclip_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "zhclip_request_seconds",
            "From a request's headers to the end of its response.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.running = Gauge("zhclip_running", "Requests that are worked on.", ("pool",), registry=self.registry)
        self.queued = Gauge("zhclip_queued", "Requests that wait for a place.", ("pool",), registry=self.registry)
        self.refused = Counter(
            "zhclip_refused", "Requests answered 429: the queue was full.", ("pool",), registry=self.registry
        )
        self.dropped = Counter(
            "zhclip_dropped",
            "Requests whose client left before their work began.",
            ("pool",),
            registry=self.registry,
        )
        self.batches = Histogram(
            "zhclip_batch_texts", "Texts embedded together.", buckets=_TEXTS, registry=self.registry
        )

    def text(self) -> bytes:
        """All of them, in the format that Prometheus reads."""
        return generate_latest(self.registry)


class Counted:
    """Counts the requests to an application.

    Args:
        app: The application.
        metrics: What they are counted in.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            # A route's pattern, and a method that HTTP has, not what clients make of them: that would be without end.
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self.metrics.requests.labels(route, method, status).inc()
            self.metrics.seconds.labels(route).observe(time.perf_counter() - started)
