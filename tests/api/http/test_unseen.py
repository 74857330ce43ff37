"""Characters that nobody sees are refused wherever words are taken, and named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from marshmallow import Schema, ValidationError, fields

from api.http.schemas import Secret, ThingOut
from api.http.schemas import text as text_field
from portfolio.invisible_characters import refusal_of_unseen

UNSEEN = {
    "a nul": "a\x00b",
    "a bell": "a\x07b",
    "an escape": "a\x1b[31mb",
    "a C1 control": "a\x9bb",
    "right-to-left override": "fac\u202efdp.exe",
    "an isolate": "a\u2066b",
    "a right-to-left mark": "a\u200fb",
    "a line separator": "a\u2028b",
    "a byte order mark": "\ufeffab",
}


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_it_is_refused_and_named_in_a_text_of_one_line_or_several(text: str) -> None:
    for one_line in (True, False):
        refused = refusal_of_unseen(text, one_line=one_line)
        assert refused is not None and "U+" in refused


@pytest.mark.parametrize("text", ["l’été – « oui »", "naïve\u00a0!", "👩\u200d🎓", "soft\u00adhyphen", "Ægir Ødegård"])
def test_what_people_write_is_not_refused(text: str) -> None:
    assert refusal_of_unseen(text, one_line=True) is None


@pytest.mark.parametrize("text", ["\u200b", "\u2060 \u00ad", "\u3164", "\u2800", "\U000e0041", "\ue000", " \u00a0"])
def test_a_text_of_which_nothing_is_drawn_is_empty(text: str) -> None:
    with pytest.raises(ValidationError, match="Ce texte est vide"):
        text_field(100).deserialize(text)


def test_a_line_break_stands_only_where_several_lines_do() -> None:
    assert refusal_of_unseen("un\r\n\tdeux") is None
    assert refusal_of_unseen("un\ndeux", one_line=True) == "Écrivez ceci sur une seule ligne, sans tabulation."


def taken(kind: type[Schema] = Schema) -> Iterator[tuple[str, fields.String]]:
    """Every field of text that a door or a form takes."""
    for schema in kind.__subclasses__():
        yield from taken(schema)
        given = schema.__name__.endswith(("Out", "Summary")) or issubclass(schema, ThingOut)
        if schema.__module__.startswith(("api.", "web.")) and not given:
            for name, field in schema._declared_fields.items():
                if type(field) is fields.String and not field.dump_only:
                    yield f"{schema.__module__}.{schema.__name__}.{name}", field


def test_every_field_of_every_door_refuses_them() -> None:
    from_doors = dict(taken())
    assert len(from_doors) > 80
    for name, field in from_doors.items():
        with pytest.raises(ValidationError):
            field.deserialize("ab\u202ecd")
            pytest.fail(f"{name} takes a right-to-left override")
    assert not [name for name, field in from_doors.items() if isinstance(field, Secret)]
