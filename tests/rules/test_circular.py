"""The circular of a session: which version answers, what its reader refuses, when a deadline falls."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from portfolio.documents.candidacies import STATUSES as STORED_STATUSES
from portfolio.documents.commissions import QUALITIES as STORED_QUALITIES
from portfolio.documents.commissions import Commission
from portfolio.errors import Invalid
from portfolio.rules.texts.circular import (
    FOLDER,
    UnknownCircular,
    circular,
    circular_for,
    deadline_utc,
    latest,
)
from portfolio.rules.texts.circular_reader import MODES, QUALITIES, STATUSES
from portfolio.rules.texts.circular_terms import VersionPin
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.rules.texts.referential import referential
from tests.support.acts.circulars import read_copy

FRENCH_ZONES = (
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "America/Miquelon",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
)


def with_deadline(folder, wall):
    content = yaml.safe_load((FOLDER / "2027.v1.yaml").read_bytes())
    content["portfolio"]["deadline"] = wall
    return read_copy(folder, content)


# --- which version ---------------------------------------------------------------------------------


def test_a_rehearsal_uses_the_circular_of_its_year(of_2027):
    assert circular_for("2027R", BTS_ASSURANCE_E5) is of_2027


@pytest.mark.parametrize("session", ["2026", "2027r", "2027RR", "", "27", "2027 ", "٢٠٢٧"])
def test_a_session_without_circular_is_not_found(session):
    with pytest.raises(UnknownCircular):
        circular_for(session, BTS_ASSURANCE_E5)


@pytest.mark.parametrize("of_tenth", [date(2026, 12, 15), date(2027, 1, 10), date(2027, 2, 1)])
def test_the_newest_number_answers_whatever_day_it_takes_effect(tmp_path, content, of_2027, of_tenth):
    content.update(version="10", effective_from=of_tenth)
    tenth = read_copy(tmp_path, content, "2027.v10.yaml")
    content.update(version="9", effective_from=date(2027, 1, 10))
    ninth = read_copy(tmp_path, content, "2027.v9.yaml")
    content.update(id="2028", version="1")
    other_year = read_copy(tmp_path, content, "2028.v1.yaml")
    installed = [tenth, of_2027, ninth, other_year]
    assert latest(installed, "2027") is tenth
    assert latest(iter(installed), "2027R") is tenth
    assert latest(installed, "2028R") is other_year
    with pytest.raises(UnknownCircular):
        latest(installed, "2029")


def test_a_pin_opens_exactly_the_file_it_was_made_under(of_2027):
    assert of_2027.sha256 == hashlib.sha256((FOLDER / "2027.v1.yaml").read_bytes()).hexdigest()
    assert circular(*of_2027.pin) is of_2027
    with pytest.raises(UnknownCircular):
        circular("2027", "1", "0" * 64)
    with pytest.raises(UnknownCircular):
        circular("2027", "99", of_2027.sha256)


def test_it_pins_the_referential_by_its_digest(of_2027):
    assert of_2027.referential == VersionPin(
        "bts-assurance-2017-e5", "1", referential("bts-assurance-2017-e5", "1").sha256
    )


def test_it_is_provisional_until_reconciled_with_the_published_annex(tmp_path, content, of_2027):
    assert of_2027.provisional
    content["source"]["document_sha256"] = hashlib.sha256(b"annexe").hexdigest()
    content["source"] |= {"compared_by": "Inès Pecteur", "compared_on": date(2026, 12, 14)}
    assert not read_copy(tmp_path, content).provisional


# --- what it holds ---------------------------------------------------------------------------------


def test_the_provisional_grid_scores_the_nine_competences_on_four_degrees(of_2027):
    rules = referential(*of_2027.referential)
    assert of_2027.grid.rows == tuple(rules.competences)
    assert [degree.label for degree in of_2027.grid.scale] == [
        "Très insuffisant",
        "Insuffisant",
        "Satisfaisant",
        "Très satisfaisant",
    ]
    assert of_2027.grid.codes == ("TI", "I", "S", "TS", "NE")


def test_a_grid_may_mix_competences_and_criteria_on_another_scale(tmp_path, content):
    content["grid"]["rows"] = ["K3", "C47", "K1"]
    content["grid"]["scale"] = [
        {"code": "1", "label": "Non acquis", "key": "1"},
        {"code": "2", "label": "Partiel", "key": "2"},
        {"code": "3", "label": "Acquis", "key": "3"},
    ]
    content["grid"]["observation_required_below"] = "3"
    content["mark"] = {"minimum": "0", "maximum": "20", "step": "1"}
    made = read_copy(tmp_path, content)
    assert made.grid.rows == ("K3", "C47", "K1")
    assert [made.grid.needs_observation(code) for code in made.grid.codes] == [True, True, False, False]
    assert made.mark.step == 1
    assert not made.mark.needs_comment(Decimal(0))


def test_an_observation_is_due_below_the_degree_named_and_never_for_not_evaluated(of_2027):
    due = {code: of_2027.grid.needs_observation(code) for code in of_2027.grid.codes}
    assert due == {"TI": True, "I": False, "S": False, "TS": False, "NE": False}
    with pytest.raises(ValueError, match="not in tuple"):
        of_2027.grid.needs_observation("XX")


def test_a_mark_below_ten_is_explained(of_2027):
    assert of_2027.mark.needs_comment(Decimal("9.5"))
    assert not of_2027.mark.needs_comment(Decimal("10"))


def test_no_outcome_claims_to_come_from_a_circular_nobody_read(of_2027):
    assert all(outcome.to_confirm for outcome in of_2027.outcomes.values())
    assert {code: one.mark for code, one in of_2027.outcomes.items() if one.mark is not None} == {
        "absent_force_majeure": Decimal(0)
    }


def test_every_stored_quality_mode_and_status_has_its_french_label(of_2027):
    assert set(of_2027.sheet.qualities) == set(QUALITIES) == set(STORED_QUALITIES)
    assert set(of_2027.sheet.statuses) == set(STATUSES) == set(STORED_STATUSES)
    assert set(of_2027.sheet.modes) == set(MODES) == set(Commission.mode.choices)


def test_the_sheet_says_that_the_candidate_must_not_receive_it(of_2027):
    assert "usage exclusif de la commission d'évaluation et du jury" in of_2027.sheet.footer
    assert "ne doit pas être communiqué au candidat" in of_2027.sheet.footer


def test_only_what_the_candidate_alone_can_put_right_blocks(of_2027):
    rules = of_2027.portfolio
    blocking = {check.code for check in rules.checks if check.severity == "block"}
    assert blocking == {"real_pieces_anonymised"}
    assert (rules.min_pieces.count, rules.min_pieces.severity) == (1, "block")
    assert rules.max_pieces.severity == "warn"
    assert (of_2027.attestations.tutor.missing, of_2027.attestations.teacher.missing) == ("warn", "warn")


# --- deadlines -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "utc_hour"),
    [
        ("Europe/Paris", 16),  # summer time
        ("Indian/Reunion", 14),
        ("Indian/Mayotte", 15),
        ("Pacific/Noumea", 7),
        ("America/Guadeloupe", 22),
        ("America/Cayenne", 21),
    ],
)
def test_each_academy_has_until_six_by_its_own_clock(of_2027, zone, utc_hour):
    assert deadline_utc(of_2027, zone) == datetime(2027, 5, 7, utc_hour, tzinfo=UTC)


def test_polynesia_closes_on_the_next_day_in_utc(of_2027):
    assert deadline_utc(of_2027, "Pacific/Tahiti") == datetime(2027, 5, 8, 4, tzinfo=UTC)


def test_a_winter_deadline_has_the_winter_offset(tmp_path):
    winter = with_deadline(tmp_path, "2027-03-27T18:00")
    assert deadline_utc(winter, "Europe/Paris") == datetime(2027, 3, 27, 17, tzinfo=UTC)


def test_an_hour_the_clocks_repeat_is_read_the_second_time(tmp_path):
    repeated = with_deadline(tmp_path, "2026-10-25T02:30")
    assert deadline_utc(repeated, "Europe/Paris") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_an_hour_the_clocks_skip_is_read_after_the_change(tmp_path):
    skipped = with_deadline(tmp_path, "2027-03-28T02:30")
    assert deadline_utc(skipped, "Europe/Paris") == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_an_adaptation_gives_more_time_and_never_less(of_2027):
    common = deadline_utc(of_2027, "Indian/Reunion")
    later = common + timedelta(days=14)
    assert deadline_utc(of_2027, "Indian/Reunion", later.astimezone(ZoneInfo("Europe/Paris"))) == later
    assert deadline_utc(of_2027, "Indian/Reunion", common - timedelta(days=1)) == common
    assert deadline_utc(of_2027, "Indian/Reunion", datetime(2027, 5, 21, 18)) == later  # noqa: DTZ001


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "", "/etc/localtime", "a\0b"])
def test_an_unknown_zone_is_refused_on_its_field(of_2027, zone):
    with pytest.raises(Invalid) as refusal:
        deadline_utc(of_2027, zone)
    assert list(refusal.value.errors) == ["timezone"]


@given(
    st.sampled_from(FRENCH_ZONES),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001
)
def test_no_clock_of_an_academy_ever_shows_less_than_the_adapted_time(zone, wall):
    until = deadline_utc(circular_for("2027", BTS_ASSURANCE_E5), zone, wall)
    assert until.utcoffset() == timedelta(0)
    assert until.astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= wall
