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
from web.pages import CSRF, FORM, ONCE, PAGE_FIELDS, REVISION

FormValue = str | int | bool | list[str] | None

YES = ("on", "true", "1", "oui")


def read_form(schema: type[Schema] | Schema, *only: str, **more: object) -> dict[str, Any]:
    """Returns the values of the form, loaded by the schema. An empty field counts as left out, or as None where the
    schema allows it. A repeated field is a list; `a.b` is the field b of the object a. only: the fields of the schema
    that this form has, all by default. more: values that the page itself adds. Raises Invalid, by field.
    """
    loader = schema if isinstance(schema, Schema) else schema(only=only or None)
    values: dict[str, Any] = {}
    for name in request.form:
        if name in PAGE_FIELDS or (only and name.partition(".")[0] not in only):
            continue
        _set(values, name.split("."), _value(loader, name))
    values = {name: value for name, value in values.items() if value is not None or _may_be_none(loader, name)}
    for name, field in loader.fields.items():
        if isinstance(field, fields.Boolean) and name not in values and not field.required:
            values[name] = False  # a box that is not ticked sends nothing
    try:
        loaded: dict[str, Any] = loader.load({**values, **more})
    except ValidationError as error:
        raise Invalid(_flat(error.messages_dict)) from None
    return loaded


def read_file(field: str, lacking: str) -> tuple[bytes, str]:
    """Returns the bytes and the name of the file that the form carries in this field. Raises Invalid on the field, with
    the sentence `lacking`, if none was chosen.
    """
    sent = request.files.get(field)
    if sent is None or not sent.filename:
        raise Invalid({field: [lacking]})
    return sent.read(), sent.filename


def draft_fields() -> drafts.TypedFields:
    """Returns {field: its values} of the form that was sent, but secrets, and what the page itself adds (`_form`,
    `_page`…).
    """
    left_out = (*PAGE_FIELDS, "_page", *secret_names())
    return {name: request.form.getlist(name) for name in request.form if name not in left_out}


def _field(loader: Schema, name: str) -> fields.Field[Any] | None:
    field: fields.Field[Any] | None = None
    for part in name.split("."):
        field = loader.fields.get(part)
        if isinstance(field, fields.Nested):
            loader = field.schema
    return field


def _may_be_none(loader: Schema, name: str) -> bool:
    field = _field(loader, name)
    return field is not None and field.allow_none


def _value(loader: Schema, name: str) -> FormValue:
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


def _set(values: dict[str, Any], path: list[str], value: FormValue) -> None:
    for part in path[:-1]:
        values = values.setdefault(part, {})
    if value is not None or len(path) == 1:
        values[path[-1]] = value


def _flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    if not isinstance(messages, dict):
        return {path: [str(message) for message in messages]}
    flat: dict[str, list[str]] = {}
    for name, inner in messages.items():
        flat |= _flat(inner, f"{path}.{name}" if path and name != "_schema" else path or str(name))
    return flat


# --- what templates ask --------------------------------------------------------------------------


def _was_refused(form: str) -> bool:
    """Returns True if the form of this name was just sent, and refused."""
    return "refusal" in g and request.form.get(FORM) == form


def draft_of(form: str) -> drafts.TypedFields:
    """Returns {field: its values} of the reader's draft of this form on this page; {} without one.
    Read once a request.
    """
    if "drafts" not in g:
        g.drafts = drafts.of_page(current_user.actor, request.path, now()) if current_user.is_authenticated else {}
    draft: drafts.TypedFields = g.drafts.get(form, {})
    return draft


def typed(form: str, name: str, default: Any = None) -> Any:
    """Returns what a field of this form shows: as it was just typed, else as its draft has it, else the default (what
    is stored).
    """
    values = typed_list(form, name, None)
    return default if values is None else (values[-1] if values else "")


def typed_list(form: str, name: str, default: Any = ()) -> Any:
    """Returns the values of boxes or of a list, as `typed` does for one field: `default` for a secret, what was sent if
    this form was refused, else its draft, else `default`. form, name: of the form, and of the field.
    """
    if name in secret_names():
        return default
    if _was_refused(form):
        return request.form.getlist(name)
    draft = draft_of(form)
    return draft.get(name, default)


def restored(form: str) -> bool:
    """Returns True if this form shows a draft rather than what is stored."""
    return not _was_refused(form) and bool(draft_of(form))


def refusal_of(form: str) -> Refusal | None:
    return g.refusal if _was_refused(form) else None


class NoValue(str):
    """What a field shows that holds nothing stored: an empty text, told apart from a stored one."""


NO_VALUE = NoValue()


def overtaken(form: str) -> bool:
    """Returns True if this form was refused because its thing was changed meanwhile: both values are then to
    be shown.
    """
    return isinstance(refusal_of(form), Stale)


def words_of(options: Iterable[tuple[object, str]], codes: Iterable[object]) -> str:
    """Returns the words of the chosen options, (code, words), in the order of the options, joined by commas; "" if none
    is chosen.
    """
    chosen = {str(code) for code in codes}
    return ", ".join(words for code, words in options if str(code) in chosen)


def faults(form: str, name: str, label: str = "") -> list[str]:
    """Returns the French errors of one field of this form, if it was just refused; [] otherwise. label: what the
    summary of the form, drawn after its fields, calls it.
    """
    g.setdefault("labels", {})[form, name] = label
    refusal = refusal_of(form)
    messages: list[str] = getattr(refusal, "errors", {}).get(name, [])
    return messages


def all_faults(form: str) -> dict[str, list[str]]:
    """Returns {field: French errors} of this form, if it was just refused; {} otherwise."""
    refusal = refusal_of(form)
    messages: dict[str, list[str]] = getattr(refusal, "errors", {})
    return messages


def label_of(form: str, name: str) -> str:
    """Returns « Titre : », which begins a line of the summary; "" for a field without a label. name: of the field, or
    of a value in its list.
    """
    labels: dict[tuple[str, str], str] = g.get("labels", {})
    label = labels.get((form, name)) or labels.get((form, name.partition(".")[0]))
    return f"{label} : " if label else ""


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
        label_of=label_of,
        csrf_token=generate_csrf,
        fresh_key=new_token,
        names={"form": FORM, "revision": REVISION, "once": ONCE, "csrf": CSRF},
    )
