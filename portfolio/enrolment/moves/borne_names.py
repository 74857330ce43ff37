"""Changes what bears somebody's name until it is frozen: the seats of commissions, the requests that wait for them."""

from __future__ import annotations

from collections.abc import Mapping

from bson import ObjectId

from portfolio import identifiers
from portfolio.documents import Attestation, Commission, Sheet
from portfolio.documents.attestations import SignOffState
from portfolio.documents.commissions import CommissionState
from portfolio.errors import Invalid
from portfolio.store.journal import AnyChange, ChangeAll, HoldAll, HoldNone
from portfolio.validation import check_fields


def checked_names(values: Mapping[str, object]) -> dict[str, str]:
    """Returns the family name and the given names by which somebody is to be called, both said. Raises Invalid by
    field.
    """
    checks = {"family_name": identifiers.person_name, "given_names": identifiers.given_names}
    names = check_fields(dict(values), checks)
    if missing := {name: ["Indiquez-le."] for name in checks if name not in names}:
        raise Invalid(missing)
    return names


def on_requests(about: Mapping[str, object], proposed: dict[str, str | None]) -> list[AnyChange]:
    """Returns the change, not yet written, of what the requests that match propose to sign under (signer_name,
    signer_function); it holds while none is asked or answered. about: fields of Attestation, in terms of MongoDB.
    """
    query = {"state": SignOffState.REQUESTED, **about}
    return [HoldAll(Attestation, query), ChangeAll(Attestation, query, dict(proposed))]


def on_seats(person: ObjectId, called: str) -> list[AnyChange]:
    """Returns the change, not yet written, of the name on the seats of a person (id), in commissions that have no sheet
    in force; it holds while none is drawn up.
    """
    # Of arrays, the seats alone are asked for: with another one, « $ » is the place of what matched in that one.
    seated = {"seats": {"$elemMatch": {"person": person, "left_at": None}}, "state": CommissionState.CONVENED}
    held = Commission.objects(__raw__=seated).scalar("id")
    frozen = set(Sheet.objects(commission__in=list(held), live=True).scalar("commission"))
    open_ones = {"$in": [commission for commission in held if commission not in frozen]}
    return [
        ChangeAll(Commission, {"_id": open_ones, **seated}, {"seats.$.name": called}),
        HoldNone(Sheet, {"commission": open_ones, "live": True}),
    ]
