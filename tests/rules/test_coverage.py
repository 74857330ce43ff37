"""Coverage: three axes, three layers, what is missing and what to capture next."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.rules.coverage import CoveragePiece, coverage
from portfolio.rules.texts.catalogue import catalogue
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.rules.texts.referential import referential

E5 = referential("bts-assurance-2017-e5", "1")


def piece(id="p1", type_code="EML1", nature="production", **fields):
    given = {
        "title": f"Preuve {id}",
        "situation": "reelle",
        "competences": ("C47",),
        "criteria": ("K3",),
        "tool_families": ("T5",),
        "accepted": False,
    }
    return CoveragePiece(id=id, type_code=type_code, nature=nature, **{**given, **fields})


def some(codes):
    return st.lists(st.sampled_from(sorted(codes)), unique=True, max_size=4).map(tuple)


PIECES = st.builds(
    CoveragePiece,
    id=st.uuids().map(str),
    title=st.text(max_size=20),
    type_code=st.sampled_from([*catalogue(BTS_ASSURANCE_E5).types, "ANCIEN"]),
    nature=st.sampled_from(["production", "controle", "autre"]),
    situation=st.sampled_from(["reelle", "simulee", None]),
    competences=some([*E5.competences, *E5.context_competences]),
    criteria=some(E5.criteria),
    tool_families=some(E5.tool_families),
    accepted=st.booleans(),
    retained=st.sampled_from([True, False, None]),
)
PORTFOLIOS = st.lists(PIECES, max_size=8, unique_by=lambda one: one.id)


def line(found, code):
    return next(one for one in (*found.competences, *found.criteria, *found.tool_families) if one.code == code)


def texts(found):
    return [one.text for one in found.advice]


def test_an_empty_portfolio_lacks_everything_and_says_what_to_capture():
    found = coverage(E5, [])
    assert found.gaps == {
        "declared": {
            "competences": tuple(E5.competences),
            "criteria": tuple(E5.criteria),
            "tool_families": tuple(f"T{n}" for n in range(1, 11)),
        },
        "accepted": found.gaps["declared"],
    }
    assert len(found.cross) == 63
    assert (
        "Aucune preuve pour K6 (recherche d'information) : une note de veille sourcée ou l'enregistrement d'écran "
        "d'une recherche, sur internet et sur l'intranet." in texts(found)
    )
    assert next(one for one in found.advice if one.codes == ("K6",)).types == ("VID1", "SR1")


def test_a_declared_piece_counts_as_accepted_only_once_signed_off():
    found = coverage(E5, [piece("a"), piece("b", accepted=True, competences=("C47", "C45"))])
    assert line(found, "C47").proofs.declared == ("a", "b")
    assert line(found, "C47").proofs.accepted == ("b",)
    assert line(found, "C45").proofs.declared == ("b",)
    assert found.cross["C47", "K3"].declared == ("a", "b")
    assert found.cross["C45", "K3"].declared == ("b",)
    assert found.cross["C45", "K1"].declared == ()


def test_mobilised_competences_are_context_and_count_nowhere():
    found = coverage(E5, [piece(competences=("C3", "C12"))])
    assert found.gaps["declared"]["competences"] == tuple(E5.competences)
    assert "C3" not in json.dumps(found.as_dict()["cross"])


@pytest.mark.parametrize("used", ["T5", "T6"])
def test_an_email_or_a_chat_is_enough_for_digital_messaging(used):
    found = coverage(E5, [piece(tool_families=(used,))])
    assert not {"T5", "T6"} & set(found.gaps["declared"]["tool_families"])


def test_without_either_the_advice_names_both_once():
    found = coverage(E5, [])
    both = [text for text in texts(found) if "messagerie électronique" in text and "T5" in text]
    assert both == [
        "Aucune preuve pour T5 (messagerie électronique) ou T6 (messagerie instantanée) : un courriel ou un échange "
        "de courriels ; ou une conversation de messagerie instantanée, avec l'accord de l'entreprise."
    ]


@pytest.mark.parametrize("type_code", ["PIX1", "OTH1", "REF1"])
def test_a_certificate_or_a_note_may_be_completed_by_a_production(type_code):
    quiz = piece("q", type_code, "controle", competences=("C46",), accepted=True)
    alone = coverage(E5, [quiz])
    assert alone.supported_only == ("C46",)
    assert any(text.startswith("C46 (usage responsable) n'est montrée que par") for text in texts(alone))
    accompanied = coverage(E5, [quiz, piece("m", "SN2", competences=("C46",))])
    assert accompanied.supported_only == ()


def test_a_type_that_left_the_catalogue_is_not_held_against_who_deposited_it():
    """Whether it proved alone is no longer known: nobody is asked for another piece on that ground."""
    found = coverage(E5, [piece(type_code="ANCIEN", competences=("C46",))])
    assert found.supported_only == ()
    assert not any("n'est montrée que par" in text for text in texts(found))


def test_it_advises_to_ask_for_the_sign_off_that_is_missing():
    found = coverage(E5, [piece("a")])
    asked = [text for text in texts(found) if text.startswith("C47 (écrit sur média numérique)")]
    assert asked == [
        "C47 (écrit sur média numérique) : aucune preuve n'est encore confirmée. "
        "Demandez la confirmation de l'activité."
    ]
    assert not any(text.startswith("C47") for text in texts(coverage(E5, [piece("a", accepted=True)])))


def test_nobody_is_asked_to_sign_off_what_only_the_commission_admits():
    found = coverage(E5, [piece("a", nature="autre")])
    assert not any("confirmation" in text for text in texts(found))


def test_what_the_commission_retained_is_a_layer_for_those_who_may_know():
    found = coverage(E5, [piece("a", retained=True), piece("b", retained=False)])
    assert found.gaps["retained"]["competences"] == tuple(code for code in E5.competences if code != "C47")
    shown = next(one for one in found.as_dict()["competences"] if one["code"] == "C47")
    assert shown["declared"] == {"count": 2, "pieces": ["a", "b"]}
    assert shown["retained"] == {"count": 1, "pieces": ["a"]}


@given(PORTFOLIOS)
def test_for_a_reader_who_may_not_know_nothing_depends_on_what_was_retained(pieces):
    hidden = [replace(one, retained=None) for one in pieces]
    output = json.dumps(coverage(E5, hidden).as_dict())
    assert "retained" not in output
    partly = [*pieces, piece("inconnue", retained=None)]
    assert coverage(E5, partly) == coverage(E5, [*hidden, partly[-1]])


@given(PORTFOLIOS, PIECES)
def test_adding_a_piece_never_removes_coverage(pieces, more):
    before, after = coverage(E5, pieces), coverage(E5, [*pieces, more])
    for old, new in zip(
        (*before.competences, *before.criteria, *before.tool_families),
        (*after.competences, *after.criteria, *after.tool_families),
        strict=True,
    ):
        assert set(old.proofs.declared) <= set(new.proofs.declared)
        assert set(old.proofs.accepted) <= set(new.proofs.accepted)
    for layer in ("declared", "accepted"):
        for axis in ("competences", "criteria", "tool_families"):
            assert set(after.gaps[layer][axis]) <= set(before.gaps[layer][axis])


@given(PORTFOLIOS)
def test_layers_gaps_and_cross_table_agree(pieces):
    found = coverage(E5, pieces)
    for one in (*found.competences, *found.criteria, *found.tool_families):
        layers = one.proofs.layers()
        assert all(set(ids) <= set(layers["declared"]) for ids in layers.values())
    for layer, axes in found.gaps.items():
        for one in (*found.competences, *found.criteria):
            missing = one.code in axes["competences"] + axes["criteria"]
            assert missing == (not one.proofs.layers()[layer])
    for (competence, criterion), proofs in found.cross.items():
        both = set(line(found, competence).proofs.declared) & set(line(found, criterion).proofs.declared)
        assert set(proofs.declared) == both


@given(PORTFOLIOS)
def test_every_gap_has_its_advice_and_only_gaps_are_called_gaps(pieces):
    found = coverage(E5, pieces)
    advised = {code for one in found.advice if one.text.startswith("Aucune") for code in one.codes}
    assert advised == {code for codes in found.gaps["declared"].values() for code in codes}
    assert all(one.text.endswith(".") and ".." not in one.text for one in found.advice)


@given(PORTFOLIOS)
def test_the_output_is_json(pieces):
    found = coverage(E5, pieces).as_dict()
    assert json.loads(json.dumps(found)) == found
