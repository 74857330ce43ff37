"""Labels of support's page, in French."""

from __future__ import annotations

from portfolio.rules.file_kinds import FACTS

MAILS = {
    "account_change": "Changement d'un droit ou d'une adresse",
    "account_notice": "Avis de sécurité",
    "acknowledgement": "Accusé de remise du portfolio",
    "address_failed": "Adresse de quelqu'un qui ne reçoit plus",
    "advice": "Annonce d'un conseil",
    "invitation": "Invitation à choisir un mot de passe",
    "placement_answered": "Réponse à une période proposée",
    "placement_contested": "Période signalée par un tuteur",
    "placement_proposed": "Période proposée, à accepter ou à refuser",
    "sign_in_code": "Code à six chiffres",
    "sign_off_link": "Lien de confirmation, demandé par la personne",
    "sign_off_receipt": "Reçu de confirmation",
    "sign_off_reminder": "Relance pour des confirmations",
    "sign_offs": "Demande de confirmations",
    "teacher_sign_offs": "Confirmations qui attendent le professeur",
}
MAIL_STATES = {
    "waiting": ("prévu le", "wait"),
    "late": ("pas encore parti ; nouvel essai le", "warn"),
    "overdue": ("en retard : devait partir le", "wrong"),
    "failed": ("revenu le", "wrong"),
}
PORTFOLIOS = {
    "open": ("ouvert", "plain"),
    "submitted": ("remis", "ok"),
    "eliminated": ("éliminé", "plain"),
}
# {code of a refusal: why the file was refused}
REFUSALS = FACTS | {
    "sent_too_much": "plus d'octets que le fichier n'en annonçait",
    "wrong_digest": "reçu différent de ce qui était annoncé",
    "wrong_size": "taille reçue différente de celle annoncée",
}
