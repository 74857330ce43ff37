"""Makes portfolios in memory, for the rules, and checks them."""

from dataclasses import replace

from portfolio.rules.checked_portfolio import ActivityState, CheckedPortfolio, DeclaredPiece, PlacementState
from portfolio.rules.conformity import conformity
from portfolio.rules.texts import circular as circulars
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.rules.texts.referential import referential

CIRCULAR = circulars.circular_for("2027R", BTS_ASSURANCE_E5)
E5 = referential(*CIRCULAR.referential)
# What a circular asks once it was read; the provisional one warns of it.
READ = replace(CIRCULAR, source=replace(CIRCULAR.source, document_sha256="ab" * 32))
EMPTY = CheckedPortfolio(pieces=(), drafts=(), activities=(), placements=())
SEAT_STATES = (
    "confirmed",
    "partly",
    "refused",
    "not_known",
    "waived",
    "requested",
    "missing",
    "stale",
    "not_needed",
)


def piece(id="p1", type_code="EML1", nature="production", **fields):
    given = {
        "title": f"Preuve {id}",
        "situation": "reelle",
        "competences": tuple(E5.competences),
        "criteria": tuple(E5.criteria),
        "tool_families": tuple(E5.tool_families),
        "accepted": True,
        "activity": "a1",
    }
    return DeclaredPiece(id=id, type_code=type_code, nature=nature, **{**given, **fields})


def activity(context="pfmp", tutor="confirmed", teacher="confirmed", id="a1", placed=True):
    return ActivityState(id=id, title=f"Sinistre {id}", context=context, tutor=tutor, teacher=teacher, placed=placed)


def portfolio(**fields):
    given = {
        "pieces": (piece(),),
        "drafts": (),
        "activities": (activity(),),
        "placements": (PlacementState("s1", "Assurances du Port", "joint"),),
    }
    return CheckedPortfolio(**{**given, **fields})


def check(state, code):
    return next(one for one in conformity(READ, E5, state).checks if one.code == code)


def failed(state):
    return [one.code for one in conformity(READ, E5, state).checks if not one.passed]
