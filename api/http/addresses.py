"""Under which names the service answers, and what becomes of an address that is nearly one of ours."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import Flask, Response, redirect, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from api.http.problems import STATUS
from config.transport import LOOPBACK
from portfolio.errors import Refusal

# Who watches the machines comes by their number, whatever the name of the site: /metrics and /bounces, behind tokens of
# their own, stand before the application, and are asked for no name either.
BY_ANY_NAME = ("/healthz", "/readyz", "/api/v1/health", "/api/v1/ready")


class OtherHost(Refusal):
    """421 (RFC 9110, 15.5.20)."""

    code = "other_host"
    detail = "Ce service répond à l'adresse {site}, et non sous le nom demandé."


STATUS[OtherHost] = (421, "Autre adresse")


class Site(Flask):
    def make_default_options_response(self) -> Response:
        """Answers OPTIONS with 204 and, in Allow, the methods that this address takes."""
        answer = Response(status=204)
        answer.allow.update(request_ctx.url_adapter.allowed_methods())  # type: ignore[union-attr]
        del answer.headers["Content-Type"]
        return answer


def host_names(public_url: str) -> frozenset[str]:
    """Returns the names under which PUBLIC_URL is reached, in small letters: one, or all of the machine itself."""
    name = urlsplit(public_url).hostname or ""
    return frozenset(LOOPBACK if name in LOOPBACK else {name})


def install(app: Flask) -> None:
    site = app.config["PUBLIC_URL"]
    names = host_names(site)

    def refuse_other_names() -> None:
        """Raises OtherHost for a request by another name, unless its path is of BY_ANY_NAME: links, redirections and
        what caches keep are made for one name. The port is the proxy's."""
        if request.path not in BY_ANY_NAME and _requested_host() not in names:
            raise OtherHost(site=site)

    app.before_request(refuse_other_names)
    app.before_request(_redirect_without_last_slash)


def _requested_host() -> str | None:
    """Returns the host in lower case, without its port or final dot; None if it is not a host."""
    try:
        return (urlsplit(f"//{request.host}").hostname or "").removesuffix(".")
    except ValueError:  # [half an address
        return None


def _redirect_without_last_slash() -> BaseResponse | None:
    """Redirects (308) an address that is ours but for a slash at its end; None for any other. Only reading: what is
    sent to no address is sent again by nobody, and is answered 404.
    """
    if request.method not in ("GET", "HEAD") or request.url_rule is not None or not request.path.endswith("/"):
        return None
    path = request.path.rstrip("/")
    try:
        request_ctx.url_adapter.match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:  # also where it would lead on: that is not ours either
        return None
    asked = request.query_string.decode("latin-1")
    return redirect(f"{quote(path)}?{asked}" if asked else quote(path), 308)
