"""What is sealed of a candidate's side: the candidacy, the periods, the portfolio and what is signed of it."""

from __future__ import annotations

from mongoengine import Document

from portfolio import documents as kept
from portfolio.store.sealing.sealed import DRAWN_FROM, OWN_LINK, PLACED, TELLS, FieldNames, Sealed, why

SCAN: FieldNames = ("placement", "deposited_by", "key", "size", "sha256", "kind", "media_type")
GIVEN_IN = {"origin": ("établissement où elle a été donnée", ("given_in",))}
TAKEN = {"reused": ("reprise d'une session antérieure", ("reused",))}
REMOVED = {"words": ("nom", ("name",)), "removed": ("retrait", ("discarded_at",))}

PORTFOLIOS: dict[type[Document], Sealed] = {
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
            "deadline": ("dates limites déplacées", ("deadline_moves",)),
            "training": ("entrée en cours de formation et durée de stage", ("entered_on", "stage_reduction")),
            "sittings": ("résultats reçus du service des examens", ("sittings",)),
            "abandoned": ("abandon", ("abandoned", "earlier_abandonments")),
        },
        {"name_key": DRAWN_FROM},
    ),
    kept.Transfer: Sealed(
        "le transfert",
        {
            **PLACED,
            "asked": (
                "demande",
                ("to_school", "candidate_name", "candidate_number", "division", "on", "reason"),
            ),
            "state": ("réponse", ("state", "settled_at", "answer")),
        },
    ),
    kept.Placement: Sealed(
        "la période en milieu professionnel",
        {
            **PLACED,
            "company": ("entreprise et missions", ("company", "company_name", "company_city", "kind", "missions")),
            "tutor": ("tuteur", ("tutor", "tutor_name", "tutor_function")),
            "days": ("dates et durée", ("starts_on", "ends_on", "days")),
            "broken": ("rupture", ("broken_on", "broken_because")),
            "certificate": ("certificat", ("certificate", "certificate_file")),
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
            **TAKEN,
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
            **TAKEN,
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
            **TAKEN,
        },
        why("ne sert qu'à l'envoi", "declared_size", "declared_sha256", "way", "part_size", "upload_id", "expires_at")
        | why(TELLS, "warnings", "reason", "verified_at", "held_at")
        | {"placement": DRAWN_FROM},
    ),
    kept.PaperScan: Sealed("le scan d'un papier signé", {**PLACED, "content": ("contenu", SCAN), **REMOVED}),
    kept.CertificateFile: Sealed(
        "le certificat déposé d'une période",
        {**PLACED, "content": ("contenu", (*SCAN, "deposited_name")), **REMOVED},
    ),
    kept.Check: Sealed(
        "le contrôle",
        {"content": ("contenu", ("school", "academy", "title", "produced_on", "entered_by", "pieces"))},
    ),
    kept.Submission: Sealed(
        "la remise",
        {
            **PLACED,
            "late": ("motif du retard", ("late_reason",)),
            "chain_head": ("tête de chaîne", ("chain_head",)),
            **GIVEN_IN,
        },
        why(OWN_LINK, "number", "content", "digest", "submitted_by"),
        own_link=True,
    ),
    kept.Attestation: Sealed(
        "la réponse sur une activité",
        {
            **PLACED,
            "request": ("demande", ("activity", "placement", "seat", "person", "requested_by")),
            "way": ("voie", ("opened_by", "mail", "opened_at", "network", "device", "scan", "relayed_by")),
            **GIVEN_IN,
            **TAKEN,
        },
        why(
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
}
