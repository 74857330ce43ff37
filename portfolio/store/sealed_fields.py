"""Lists the stored fields that links seal, by group: everything that decides a mark, or who may read it.

`docs/explanation/what-is-proved.md` is generated from this table; a test requires every stored field to be in it, or
left out with a reason. The names of groups are stored in links: add new ones, never rename one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from mongoengine import Document

from portfolio import documents as kept

FieldNames = tuple[str, ...]
PLACE: FieldNames = ("candidacy", "school", "academy", "session")
RECORDED: FieldNames = (
    *("outcome", "label", "kept_mark", "kept_session", "reference", "convoked_on", "proof", "recorded_by"),
)
SCHOOL: FieldNames = ("uai", "name", "city", "academy", "kind", "carried_by_public_body", "habilitated")
OFFERED = {"exams": ("épreuves proposées", ("exams",)), "habilitations": ("habilitations", ("habilitations",))}
SLIP: FieldNames = ("school", "academy", "session", "number", "rule", "circular", "first_day", "last_day", "lines")
PLACED = {"place": ("rattachement", PLACE), "exam": ("épreuve", ("exam",))}
ENDS = "il ferme un accès, que seul rouvre le jeton de la personne"
DRAWN_FROM = "recalculé à partir d'autres champs"
TELLS = "dit comment, ne décide de rien"
OWN_LINK = "tenu par son propre maillon"
EVERYWHERE = {
    "id": "nom du document, dans chacun de ses sceaux",
    "revision": "compte les changements ; les sceaux le répètent",
    "held": "compte les verrous d'un instant",
    "created_at": "le jour est celui du maillon",
}


@dataclass(frozen=True)
class Sealed:
    """The seals of one collection. word: its name in French. groups: {name stored in links: (French words, fields)}; a
    field `grants.exam` is a part of each embedded document, which the group of the whole (`grants`) leaves out.

    left_out: {field: why no seal includes it}. own_link: the link of the act repeats it (`audit.seal_checks`).
    may_leave: a document may disappear without an act (it expires, or no backup keeps it).
    """

    word: str
    groups: dict[str, tuple[str, FieldNames]]
    left_out: dict[str, str] = field(default_factory=dict)
    own_link: bool = False
    may_leave: bool = False

    @property
    def fields(self) -> set[str]:
        """Returns the names of all sealed fields, without the parts of embedded documents."""
        return {name.partition(".")[0] for _, names in self.groups.values() for name in names}

    @cached_property
    def apart(self) -> dict[str, set[str]]:
        """Returns {field: names of the parts of its embedded documents that have a group of their own}."""
        parts = [name.partition(".") for _, names in self.groups.values() for name in names if "." in name]
        return {whole: {part for other, _, part in parts if other == whole} for whole, _, _ in parts}


def _why(reason: str, *names: str) -> dict[str, str]:
    return dict.fromkeys(names, reason)


_BY_KIND: dict[type[Document], Sealed] = {
    kept.Person: Sealed(
        "la personne",
        {
            "address": ("adresse", ("email",)),
            "name": ("nom", ("family_name", "given_names")),
            "password": ("mot de passe", ("password",)),
            "second_factor": ("second facteur", ("totp",)),
            "state": ("état du compte", ("state",)),
            "grants": ("droits", ("grants",)),
            "exam": ("épreuve des droits", ("grants.exam",)),
            "schools": ("établissements", ("schools",)),
        },
        _why(TELLS, "suspended_because", "address_failed_at", "address_failure", "address_delayed_at")
        | {"totp_step": "avance à chaque code tapé"},
    ),
    kept.Invitation: Sealed(
        "l'invitation",
        {"way_in": ("accès", ("person", "purpose", "nonce", "token_hash", "expires_at"))},
        {"used_at": ENDS},
        may_leave=True,
    ),
    kept.SignIn: Sealed(
        "la connexion",
        {
            "way_in": ("accès", ("person", "token_hash", "way", "opened_by", "scope", "expires_at")),
            "second_factor": ("second facteur", ("second_factor_at",)),
        },
        {"ended_at": ENDS} | _why(TELLS, "label", "network", "device", "browser"),
        may_leave=True,
    ),
    kept.Academy: Sealed("l'académie", {"academy": ("académie", ("code", "name", "timezone"))}),
    kept.School: Sealed("l'établissement", {"school": ("établissement", SCHOOL), **OFFERED}),
    kept.Jury: Sealed(
        "le jury",
        {
            "jury": ("jury", ("academy", "session", "name")),
            "exam": ("épreuve", ("exam",)),
            "academies": ("académies regroupées", ("academies",)),
            "published": ("publication", ("published_at", "publications")),
        },
    ),
    kept.Company: Sealed(
        "l'entreprise",
        {
            "company": ("entreprise", ("school", "siret", "name", "city", "address")),
            "abroad": ("pays et numéro local", ("country", "local_number")),
        },
    ),
    kept.Candidacy: Sealed(
        "la candidature",
        {
            "identity": ("identité", ("person", "birth_name", "usage_name", "given_names", "birth_date", "ine")),
            "number": ("numéro de candidat", ("candidate_number",)),
            "place": ("rattachement", ("school", "academy", "session", "division", "status")),
            "exam": ("épreuve", ("exam",)),
            "rules": ("circulaire et référentiel", ("circular", "referential")),
            "form": ("forme de l'épreuve", ("ccf",)),
            "followers": ("professeurs chargés du suivi", ("followers",)),
            "adaptations": ("aménagements", ("adaptations",)),
            "training": ("entrée en cours de formation et durée de stage", ("entered_on", "stage_reduction")),
            "sittings": ("résultats reçus du service des examens", ("sittings",)),
        },
        {"name_key": DRAWN_FROM, "deadline_moves": DRAWN_FROM},
    ),
    kept.Placement: Sealed(
        "la période en milieu professionnel",
        {
            **PLACED,
            "company": ("entreprise et missions", ("company", "company_name", "company_city", "kind", "missions")),
            "tutor": ("tuteur", ("tutor", "tutor_name", "tutor_function")),
            "days": ("dates et durée", ("starts_on", "ends_on", "days")),
            "broken": ("rupture", ("broken_on", "broken_because")),
            "certificate": ("certificat vu", ("certificate",)),
            "cancelled": ("annulation", ("cancelled_at", "cancel_reason")),
            "contested": (
                "contestation",
                ("contested_at", "contested_because", "contested_by", "contest_comment"),
            ),
        },
    ),
    kept.Portfolio: Sealed(
        "le portfolio",
        {
            **PLACED,
            "state": ("état et réouverture", ("state", "submissions", "submitted_at", "reopened_reason")),
            "retention": ("conservation", ("holds", "slip", "elimination")),
        },
    ),
    kept.Activity: Sealed(
        "l'activité",
        {
            **PLACED,
            "content": (
                "contenu",
                ("title", "mission", "context", "placement", "starts_on", "ends_on", "withdrawn_at"),
            ),
        },
    ),
    kept.Evidence: Sealed(
        "la preuve",
        {
            **PLACED,
            "content": (
                "contenu",
                (
                    *("activity", "placement", "type_code", "title", "nature", "situation", "context", "produced_on"),
                    *("collective", "description", "competences", "criteria", "tool_families", "permission"),
                    *("anonymisation", "assistance_used", "assistance_how", "details", "links", "entered_by"),
                ),
            ),
            "state": ("état", ("state", "withdrawn_at")),
        },
    ),
    kept.EvidenceVersion: Sealed(
        "la version antérieure d'une preuve", {"content": ("contenu", ("evidence", "revision", "content"))}
    ),
    kept.EvidenceFile: Sealed(
        "le fichier",
        {
            **PLACED,
            "content": (
                "contenu",
                ("evidence", "key", "state", "size", "sha256", "kind", "media_type", "reason_code"),
            ),
            "words": ("nom et description", ("name", "alternative")),
            "removed": ("retrait", ("removed_at", "discarded_at")),
        },
        _why("ne sert qu'à l'envoi", "declared_size", "declared_sha256", "way", "part_size", "upload_id", "expires_at")
        | _why(TELLS, "warnings", "reason", "verified_at")
        | {"placement": DRAWN_FROM},
    ),
    kept.PaperScan: Sealed(
        "le scan d'un papier signé",
        {
            **PLACED,
            "content": (
                "contenu",
                ("placement", "deposited_by", "key", "size", "sha256", "kind", "media_type"),
            ),
            "words": ("nom", ("name",)),
            "removed": ("retrait", ("discarded_at",)),
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
    kept.Check: Sealed(
        "le contrôle",
        {"content": ("contenu", ("school", "academy", "title", "produced_on", "entered_by", "pieces"))},
    ),
    kept.Submission: Sealed(
        "la remise",
        {**PLACED, "late": ("motif du retard", ("late_reason",)), "chain_head": ("tête de chaîne", ("chain_head",))},
        _why(OWN_LINK, "number", "content", "digest", "submitted_by"),
        own_link=True,
    ),
    kept.Attestation: Sealed(
        "la réponse sur une activité",
        {
            **PLACED,
            "request": ("demande", ("activity", "placement", "seat", "person", "requested_by")),
            "way": ("voie", ("opened_by", "mail", "opened_at", "network", "device", "scan", "relayed_by")),
        },
        _why(
            OWN_LINK,
            *("state", "signer_name", "signer_function", "channel", "act", "activity_title", "activity_digest"),
            *("pieces", "shown_digest", "statement_id", "statement_version", "statement", "comment", "answered_at"),
        ),
        own_link=True,
    ),
    kept.RealityEvaluation: Sealed(
        "l'évaluation de la réalité des activités",
        {
            **PLACED,
            "text": ("texte", ("placement", "text", "digest")),
            "state": ("état", ("state", "alone_reason")),
            "agreed": ("accords", ("concurrences",)),
            "earlier": ("versions antérieures", ("earlier",)),
        },
    ),
    kept.Commission: Sealed(
        "la commission",
        {
            **PLACED,
            "meeting": ("séance", ("meets_at", "place", "mode", "tutor_absence")),
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
        _why(OWN_LINK, "number", "content", "digest", "proposed_mark", "outcome", "state"),
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
        _why(
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
    kept.SignOffLink: Sealed(
        "le lien de confirmation",
        {"way_in": ("accès", ("person", "purpose", "token_hash", "expires_at"))},
        _why(ENDS, "revoked_at") | _why(TELLS, "row", "revoked_because", "opened_at"),
        may_leave=True,
    ),
    kept.AccountChange: Sealed(
        "le changement de compte",
        {
            "asked": (
                "demande",
                ("what", "person", "by", "role", "grant", "academies", "juries", "schools", "email", "address_before"),
            ),
            "state": ("effet", ("counts_from", "state", "settled_by", "settled_at")),
            "alike": ("ressemblances", ("alike",)),
        },
    ),
}
KIND = {kind._get_collection_name(): kind for kind in _BY_KIND}
SEALED: dict[str, Sealed] = {kind._get_collection_name(): rules for kind, rules in _BY_KIND.items()}
# Groups added since version 0.3, by collection: links of that version do not seal them, so `migrate` does it once.
_ADDED = {"account_changes": {"alike"}, "companies": {"abroad"}, "commissions": {"held", "way"}, "sheets": {"unmasked"}}
_ADDED |= {"placements": {"broken", "certificate"}, "candidacies": {"sittings", "training"}}
_ADDED |= {"office_outcomes": {"corrections"}, "schools": {"exams", "habilitations"}}
_ADDED |= {"juries": {"academies"}}
LATER: dict[str, frozenset[str]] = {
    name: frozenset({"exam", *_ADDED.get(name, ())} & rules.groups.keys()) for name, rules in SEALED.items()
}
# Collections whose links are in the archive of a candidate: nothing there may reveal the act of another person.
OF_CANDIDATES = frozenset(
    ("portfolios", "activities", "evidence", "evidence_versions", "files", "paper_scans", "submissions")
    + ("attestations", "reality_evaluations", "placements")
)
