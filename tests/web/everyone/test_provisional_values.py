"""What no circular says yet is shown as provisional, beside each value, on every page that shows one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from portfolio.documents import Person
from portfolio.enrolment import enrol
from tests.support.api.clients import Clients
from tests.support.filling import shown
from tests.support.worlds.reconciled import reconciled
from tests.support.worlds.world import World

WEB = Path(__file__).parents[3] / "web"
WORDS = "(provisoire, aucune circulaire lue)"
# A value of a circular as templates write it: the deadline, the window, bounds of pieces, the form, what is asked.
VALUES = re.compile(
    r"(?<!adaptation\.)\bdeadline(\|moment|\.strftime)|\busual\|moment|\btask\.due\||(opens|closes)_on(\||\.strftime)"
    r"|\b(min|max)_pieces\.count|portfolio\.form\b|task\.(short|text)\b|\bcomment_below ~|explained\|join"
    r"|retention\.text|\brule\.text\b|mark\.step\|"
)
NOTIFIED = datetime(2027, 5, 21, 16, 0, tzinfo=UTC)
BINDING = "Elle était le {{ deadline|moment(zone) }}"  # said only where a date that binds is past


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted(WEB.glob("*/templates/*.html")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            yield f"{path.relative_to(WEB)}:{number}", line


def test_no_template_shows_a_value_of_a_circular_without_the_words_beside_it() -> None:
    shows = [(place, line) for place, line in templates() if VALUES.search(line) and BINDING not in line]
    assert len(shows) >= 20
    assert [place for place, line in shows if "f.provisional(" not in line] == []


def test_one_macro_alone_holds_the_words() -> None:
    assert len([place for place, line in templates() if "aucune circulaire lue" in line]) == 1


def pages(world: World) -> list[tuple[Person, str, list[str]]]:
    """Returns, for each reader, an address, and the values that its page shows."""
    candidacy, school = world.candidacy.id, world.school.id
    deadline, bound = "7 mai 2027 à 18 h 00", "0 preuve pour 1 au moins : il faut en déposer."
    window = "u 1er mars 2027 au 4 juin 2027"
    return [
        (world.candidate, f"/portfolio/{candidacy}", [deadline, bound]),
        (world.candidate, f"/portfolio/{candidacy}/remise", [deadline, bound, "Forme du portfolio"]),
        (world.follower, "/classe", [deadline]),
        (world.follower, f"/classe/candidats/{candidacy}", [deadline, bound]),
        (world.follower, f"/classe/candidats/{candidacy}/commission", [window]),
        (world.office, f"/etablissement/{school}", [deadline, window, "par pas de 0,5"]),
        (world.office, f"/etablissement/{school}/commissions", [window]),
        (world.office, f"/etablissement/{school}/conservation", ["tant qu'un recours ou une procédure est en cours."]),
        (world.office, f"/etablissement/candidats/{candidacy}", [deadline]),
    ]


def read(page: str) -> str:
    """The page as it is read: without its tags, each space one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())


def test_each_page_says_it_beside_the_value_while_no_circular_is_read(world: World, client_for: Clients) -> None:
    for reader, address, values in pages(world):
        page = read(shown(client_for(reader), address))
        assert [value for value in values if f"{value} {WORDS}" not in page] == [], (address, page)


def test_no_page_says_it_once_a_circular_is_read(world: World, client_for: Clients, tmp_path: Path) -> None:
    with reconciled(world, tmp_path):
        for reader, address, values in pages(world):
            page = read(shown(client_for(reader), address))
            assert WORDS not in page, address
            assert [value for value in values if value not in page] == [], (address, page)


def test_a_date_that_was_notified_to_a_candidate_is_not_provisional(world: World, client_for: Clients) -> None:
    notified = {"decision_reference": "DEC 2027-18", "effect": "Remise reportée", "deadline": NOTIFIED}
    enrol.adapt(world.actor(world.office), world.candidacy, notified, world.clock())
    for reader, address in ((world.candidate, f"/portfolio/{world.candidacy.id}"), (world.follower, "/classe")):
        page = read(shown(client_for(reader), address))
        assert "21 mai 2027 à 18 h 00" in page and f"21 mai 2027 à 18 h 00 {WORDS}" not in page, address


def test_the_circulars_of_the_inspection_say_it_too(world: World, client_for: Clients) -> None:
    assert f"07/05/2027 à 18:00 {WORDS}" in read(shown(client_for(world.inspector), "/circulaires"))
