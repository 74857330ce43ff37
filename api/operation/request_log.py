"""What each request was and cost: one line of log, and the figures of /metrics. By rule and code, never by address."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from portfolio.ids import new_token
from portfolio.store import engine_metrics

REQUESTS = Counter("portfolio_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "portfolio_request_seconds",
    "From the first byte read to the last one sent",
    ["method", "route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
REFUSALS = Counter("portfolio_refusals", "Refusals, by their code", ["code"])
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")

# As proxies draw them, in hexadecimal. No name, candidate number or telephone number is written like that.
REQUEST_ID = re.compile(r"(?=.*[a-f])[0-9a-f-]{12,64}")
log = structlog.get_logger()


@dataclass
class RequestRecord:
    """One request, from its first byte to its last. Holds no identifier of a person: the journal has those."""

    request_id: str
    bill: engine_metrics.Bill
    began: float = field(default_factory=time.perf_counter)
    method: str = "other"
    route: str = "unknown"
    status: int = 0
    code: str | None = None
    who: str = "visitor"

    def close(self) -> None:
        seconds = time.perf_counter() - self.began
        REQUESTS.labels(self.method, self.route, str(self.status)).inc()
        SECONDS.labels(self.method, self.route).observe(seconds)
        if self.code:
            REFUSALS.labels(self.code).inc()
        log.info(
            "request",
            method=self.method,
            route=self.route,
            status=self.status,
            ms=round(seconds * 1000, 1),
            code=self.code,
            who=self.who,
            request_id=self.request_id,
            commands=self.bill.commands,
            commands_ms=round(self.bill.command_seconds * 1000, 1),
            object_calls=self.bill.object_calls,
            object_ms=round(self.bill.object_seconds * 1000, 1),
        )
        structlog.contextvars.clear_contextvars()  # what this thread says next is about another request


def install(app: Flask) -> None:
    """Adds its hooks before all others: it opens first and, since Flask answers in reverse, sees the last word."""
    app.before_request(_open)
    app.after_request(_complete)


def _open() -> None:
    asked = request.headers.get("X-Request-Id", "")
    g.request_id = asked if REQUEST_ID.fullmatch(asked) else new_token()[:20]
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    g.request_record = RequestRecord(g.request_id, engine_metrics.open_bill())


def _complete(answer: Response) -> Response:
    """Adds the request's number to its answer and its outcome to the record, which closes once the last byte left."""
    answer.headers["X-Request-Id"] = g.request_id
    record: RequestRecord = g.request_record
    record.method = request.method if request.method in METHODS else "other"
    record.route = request.url_rule.rule if request.url_rule else "unknown"
    record.status = answer.status_code
    answer.call_on_close(record.close)
    return answer
