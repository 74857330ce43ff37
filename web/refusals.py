"""Errors are pages too: what happened, what was kept, what to do next. Programs still get their problem (RFC 9457)."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import structlog
from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask_login import AnonymousUserMixin
from pymongo.errors import PyMongoError

from api.http.session import now
from web import resumed_forms
from web.everyone.second_factor import second_factor_form
from web.layout import POLICY

log = structlog.get_logger()
ADVICE = {
    400: "Revenez à la page précédente et recommencez.",
    403: "Revenez à l'accueil : il ne montre que ce qui vous est ouvert.",
    404: "Vérifiez l'adresse, ou repartez de l'accueil. Si un lien d'un message mène ici, demandez-en un nouveau.",
    409: "Rechargez la page : elle montre l'état d'aujourd'hui.",
    412: "Rechargez la page pour voir la version enregistrée, puis refaites votre modification.",
    413: "Choisissez un fichier plus léger, ou découpez-le.",
    429: "Patientez, puis réessayez : rien de ce que vous avez tapé n'est perdu si vous revenez en arrière.",
    500: "Réessayez dans un moment. Si cela recommence, donnez à votre établissement le numéro ci-dessous.",
    503: "Rien n'a été enregistré. Revenez en arrière dans quelques secondes, et envoyez de nouveau.",
}
ADVICE_TO_WAIT = "Rien n'a été perdu : la page revient d'elle-même dans quelques secondes."


def install(app: Flask) -> None:
    app.after_request(_page_of_problem)


def _wants_a_page() -> bool:
    """Returns True if a browser navigates: it says that it takes HTML. Our own modules ask for JSON."""
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/")


def _page_of_problem(answer: Response) -> Response:
    if answer.mimetype != "application/problem+json" or not _wants_a_page():
        return answer
    problem = json.loads(answer.get_data())
    if answer.status_code < 500:
        try:
            return _page_instead(answer, problem) or _refusal_page(answer, problem)
        except PyMongoError:
            log.warning("reader_unknown", code=problem["code"])
    g._login_user = AnonymousUserMixin()  # as Flask-Login keeps it: the engine that knows the reader may be down
    return _refusal_page(answer, problem)


def _page_instead(answer: Response, problem: dict[str, object]) -> Response | None:
    """Returns what is shown instead of a refusal in JSON: the way to sign in (401), or to the right name of the site
    (421); None for any other.
    """
    if answer.status_code == 401:
        return _send_to_sign_in(str(problem["code"]))
    if answer.status_code == 421:
        site = current_app.config["PUBLIC_URL"]
        return make_response(render_template("everyone/other_host.html", problem=problem, site=site), 421)
    return None


def _refusal_page(answer: Response, problem: dict[str, object]) -> Response:
    retries = answer.status_code == 503 and request.method == "GET"
    advice = ADVICE_TO_WAIT if retries else ADVICE.get(answer.status_code, ADVICE[400])
    page = make_response(render_template("everyone/refused.html", problem=problem, advice=advice), answer.status_code)
    for name in ("Retry-After", "Allow", "Content-Range"):
        if name in answer.headers:
            page.headers[name] = answer.headers[name]
    if retries:
        page.headers["Refresh"] = answer.headers.get("Retry-After", "5")
    page.headers["Content-Security-Policy"] = POLICY
    return page


def _send_to_sign_in(code: str) -> Response:
    """Returns the way to the sign-in, and from there to the page that was asked for. Keeps a form that was sent until
    then. code: of the refusal.
    """
    next_page = request.full_path.rstrip("?") if request.method == "GET" else "/"
    kept = request.method == "POST" and resumed_forms.keep(now())
    if request.path.startswith("/s/"):
        resumed_forms.tell_visit_over(kept if request.method == "POST" else None)
        return redirect(url_for("tutor_access.ask"), 303)  # type: ignore[return-value]
    if request.method == "POST" and code == "second_factor_needed":
        return second_factor_form(status=401)
    if request.method == "POST":
        return make_response(
            render_template("everyone/sign_in.html", next_page="/", form_kept=kept, form_lost=not kept), 401
        )
    where = "second_factor.second_factor_page" if code == "second_factor_needed" else "access.sign_in"
    return redirect(f"{url_for(where)}?{urlencode({'suite': next_page})}", 303)  # type: ignore[return-value]
