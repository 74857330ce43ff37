"""What is sealed of the other side: circulars, commissions, grids, sheets, results, and what is eliminated."""

from __future__ import annotations

from mongoengine import Document

from portfolio import documents as kept
from portfolio.store.sealing.sealed import OWN_LINK, PLACED, FieldNames, Sealed, why

RECORDED: FieldNames = (
    *("outcome", "label", "kept_mark", "kept_session", "reference", "convoked_on", "proof", "recorded_by"),
)
SLIP: FieldNames = ("school", "academy", "session", "number", "rule", "circular", "first_day", "last_day", "lines")
JUDGING: dict[type[Document], Sealed] = {
    kept.CircularAnnex: Sealed(
        "l'annexe de circulaire", {"content": ("contenu", ("session", "name", "key", "size", "sha256", "deposited_by"))}
    ),
    kept.MadeCircular: Sealed(
        "la circulaire faite à l'écran",
        {
            "content": ("contenu", ("session", "based_on", "text", "annex")),
            "exam": ("épreuve", ("exam",)),
            "compared": ("comparaison", ("compared_by", "compared_name", "compared_at", "compared_text")),
            "published": ("publication", ("state", "version", "sha256", "published_by", "published_at")),
        },
    ),
    kept.Commission: Sealed(
        "la commission",
        {
            **PLACED,
            "meeting": ("séance", ("meets_at", "place", "mode", "tutor_absence")),
            "length": ("durée prévue", ("lasts_min",)),
            "held": ("réunion tenue", ("meeting",)),
            "members": ("membres", ("seats", "members")),
            "state": ("état", ("state", "cancel_reason", "convened_by")),
            "way": ("manière demandée", ("way_asked", "way_asked_by")),
        },
    ),
    kept.Grid: Sealed(
        "la grille",
        {
            **PLACED,
            "degrees": ("degrés et observations", ("degrees", "observations")),
            "sealed": ("scellement", ("sealed_at",)),
            "opened": ("ouverture", ("opened",)),
            "live": ("usage", ("live",)),
            "members": ("membres", ("commission", "member", "members")),
        },
    ),
    kept.GridScan: Sealed(
        "le scan d'une grille remplie à la main",
        {
            **PLACED,
            "content": (
                "contenu",
                ("commission", "deposited_by", "name", "key", "size", "sha256", "kind", "media_type"),
            ),
            "keyed": ("saisie", ("keyed_by", "keyed_name", "keyed_at", "keyed")),
            "read": ("seconde lecture", ("read_by", "read_name", "read_at", "read")),
            "removed": ("retrait", ("discarded_at",)),
        },
    ),
    kept.Assessment: Sealed(
        "l'évaluation de la commission",
        {
            **PLACED,
            "members": ("membres", ("members",)),
            "submission": ("remise évaluée", ("submission",)),
            "pieces": ("preuves admises et retenues", ("admitted", "retained")),
            "appreciation": ("appréciation", ("appreciation",)),
            "mark": ("note proposée", ("proposed_mark",)),
            "outcome": ("résultat sans évaluation", ("outcome", "outcome_reference")),
            "state": ("état", ("state",)),
            "earlier": ("versions antérieures", ("earlier",)),
        },
    ),
    kept.Sheet: Sealed(
        "la fiche",
        {
            **PLACED,
            "members": ("membres", ("members", "commission")),
            "live": ("usage", ("live",)),
            "signatures": ("signatures et appareils", ("signatures",)),
            "transmitted": ("transmission", ("transmitted_at",)),
            "voided": ("annulation", ("voided_reason", "voided_at")),
            "released": ("communication au candidat", ("released", "released_at", "release_reference")),
            "unmasked": ("note proposée communiquée au candidat", ("unmasked", "unmasking")),
        },
        why(OWN_LINK, "number", "content", "digest", "proposed_mark", "outcome", "state"),
        own_link=True,
    ),
    kept.Reserve: Sealed(
        "la réserve sur le résultat",
        {
            **PLACED,
            "content": ("motif", ("reason", "reference", "placed_by", "placed_by_name")),
            "state": ("levée", ("state", "lifted_reference", "lifted_by", "lifted_by_name", "lifted_at")),
        },
    ),
    kept.Result: Sealed(
        "le résultat",
        {**PLACED, "published": ("publication", ("published", "published_at"))},
        why(
            OWN_LINK,
            *("sheet", "proposed_mark", "outcome", "final_mark", "label", "reason", "decided_by", "decided_at"),
            "corrections",
        ),
        own_link=True,
    ),
    kept.OfficeOutcome: Sealed(
        "la situation sans appréciation",
        {
            **PLACED,
            "outcome": ("situation et preuves", RECORDED),
            "withdrawn": ("retrait", ("live", "withdrawn_because", "withdrawn_at")),
            "sent_back": ("renvoi par le jury", ("sent_back",)),
            "decision": ("décision du jury", ("decided", "final_mark", "reason", "decided_by", "decided_at")),
            "corrections": ("rectifications après publication", ("final_label", "corrections")),
            "published": ("publication", ("published", "published_at")),
        },
    ),
    kept.EliminationSlip: Sealed(
        "le bordereau d'élimination",
        {
            "content": ("contenu", SLIP),
            "exam": ("épreuve", ("exam",)),
            "state": (
                "état et visa",
                (
                    *("state", "visa_reference", "visa_on", "visa_by", "reason"),
                    *("started_by", "started_at", "done_at"),
                ),
            ),
        },
    ),
}
