"""What was typed: read through the schemas of the API, shown again where it was refused, restored where it was kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, g, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from marshmallow import Schema, ValidationError, fields

from api.http.schemas import Secret, secret_names
from api.http.session import now
from portfolio.errors import Invalid, Refusal, Stale
from portfolio.evidence import drafts
from portfolio.ids import new_token
from web.pages import CSRF, FORM, ONCE, OURS, REVISION

YES = ("on", "true", "1", "oui")


def read_form(schema: type[Schema] | Schema, *only: str, **more: Any) -> dict[str, Any]:
    """The values of the form as the schema loads them; an empty field is one that was left out (None where allowed).

    only: the fields of the schema that this form has, all by default. more: values that the page itself adds.
    A list is a field that is repeated; `a.b` is the field b of the object a. Raises Invalid.
    """
    loader = schema if isinstance(schema, Schema) else schema(only=only or None)
    said: dict[str, Any] = {}
    for name in request.form:
        if name in OURS or (only and name.partition(".")[0] not in only):
            continue
        _set(said, name.split("."), _value(loader, name))
    said = {name: value for name, value in said.items() if value is not None or _may_be_none(loader, name)}
    for name, field in loader.fields.items():
        if isinstance(field, fields.Boolean) and name not in said and not field.required:
            said[name] = False  # a box that is not ticked sends nothing
    try:
        loaded: dict[str, Any] = loader.load({**said, **more})
    except ValidationError as error:
        raise Invalid(_flat(error.messages_dict)) from None
    return loaded


def keepable() -> drafts.Fields:
    """What was typed into the form that was sent, but secrets, and what the page itself adds (`_form`, `_page`…)."""
    ours = (*OURS, "_page", *secret_names())
    return {name: request.form.getlist(name) for name in request.form if name not in ours}


def _field(loader: Schema, name: str) -> fields.Field[Any] | None:
    found: fields.Field[Any] | None = None
    for part in name.split("."):
        found = loader.fields.get(part)
        if isinstance(found, fields.Nested):
            loader = found.schema
    return found


def _may_be_none(loader: Schema, name: str) -> bool:
    field = _field(loader, name)
    return field is not None and field.allow_none


def _value(loader: Schema, name: str) -> Any:
    field = _field(loader, name)
    if isinstance(field, Secret):
        return request.form[name] or None  # as it was typed, blanks included
    sent = [value.replace("\r\n", "\n") for value in request.form.getlist(name)]
    if isinstance(field, fields.List):
        return [value for value in sent if value]
    if isinstance(field, fields.Boolean):
        return sent[-1] in YES
    if isinstance(field, fields.Integer) and sent[-1].strip().isdecimal() and len(sent[-1]) < 10:
        return int(sent[-1])
    return sent[-1].strip() or None


def _set(said: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        said = said.setdefault(part, {})
    if value is not None or len(path) == 1:
        said[path[-1]] = value


def _flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    if not isinstance(messages, dict):
        return {path: [str(one) for one in messages]}
    flat: dict[str, list[str]] = {}
    for name, inner in messages.items():
        flat |= _flat(inner, f"{path}.{name}" if path and name != "_schema" else path or str(name))
    return flat


# --- what templates ask --------------------------------------------------------------------------


def _sent(form: str) -> bool:
    """This very form was just sent, and refused."""
    return "refusal" in g and request.form.get(FORM) == form


def kept_of(form: str) -> drafts.Fields:
    if "drafts" not in g:
        g.drafts = drafts.of_page(current_user.actor, request.path, now()) if current_user.is_authenticated else {}
    kept: drafts.Fields = g.drafts.get(form, {})
    return kept


def typed(form: str, name: str, default: Any = None) -> Any:
    """What to show in a field: as it was just typed, else as it was kept as a draft, else as it is stored."""
    values = typed_list(form, name, None)
    return default if values is None else (values[-1] if values else "")


def typed_list(form: str, name: str, default: Any = ()) -> Any:
    """The same for boxes and lists."""
    if name in secret_names():
        return default
    if _sent(form):
        return request.form.getlist(name)
    kept = kept_of(form)
    return kept.get(name, default)


def restored(form: str) -> bool:
    """Whether this form shows a draft rather than what is stored."""
    return not _sent(form) and bool(kept_of(form))


def refusal_of(form: str) -> Refusal | None:
    return g.refusal if _sent(form) else None


class NoValue(str):
    """What a field shows that holds nothing stored: an empty text, told apart from a stored one."""


NO_VALUE = NoValue()


def overtaken(form: str) -> bool:
    """Tells whether this form was refused because its thing was changed meanwhile: both values are then to be shown."""
    return isinstance(refusal_of(form), Stale)


def words_of(options: Iterable[tuple[Any, str]], codes: Iterable[Any]) -> str:
    """Returns the words of the chosen options, in the order of the options."""
    chosen = {str(code) for code in codes}
    return ", ".join(words for code, words in options if str(code) in chosen)


def faults(form: str, name: str) -> list[str]:
    refusal = refusal_of(form)
    found: list[str] = getattr(refusal, "errors", {}).get(name, [])
    return found


def all_faults(form: str) -> dict[str, list[str]]:
    refusal = refusal_of(form)
    found: dict[str, list[str]] = getattr(refusal, "errors", {})
    return found


def install(app: Flask) -> None:
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the browser's session: a form left open is not lost
    app.jinja_env.globals.update(
        typed=typed,
        typed_list=typed_list,
        restored=restored,
        refusal_of=refusal_of,
        overtaken=overtaken,
        words_of=words_of,
        no_value=NO_VALUE,
        faults=faults,
        all_faults=all_faults,
        csrf_token=generate_csrf,
        fresh_key=new_token,
        names={"form": FORM, "revision": REVISION, "once": ONCE, "csrf": CSRF},
    )
