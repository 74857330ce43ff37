"""Labels of the office's pages, in French."""

from __future__ import annotations

from portfolio.audit.verify_chains import FaultKind
from portfolio.documents import Person
from portfolio.documents.candidacies import TransferState
from portfolio.documents.people import Role
from portfolio.enrolment.year_lists.sheets import KINDS as LIST_KINDS
from portfolio.enrolment.year_lists.sheets import ListOf
from web import terms

OWING = {
    "office": "L'établissement",
    "commission": "Les commissions",
    "candidate": "Les candidats",
    "tutor": "Les tuteurs",
    "teacher": "Les professeurs",
}
# What is owed, in the words of its column.
OWED = {
    "address": "Adresse e-mail qui ne reçoit plus : à corriger",
    "first_visit": "Sans adresse e-mail, pas encore venu : un coupon à lui remettre",
    "teacher_visit": "Professeur chargé du suivi sans adresse e-mail, pas encore venu : un coupon à lui remettre",
    "held": "Fichier retenu par l'antivirus : à voir avec le candidat",
    "transmit": "Fiche signée, à transmettre au jury",
    "submit": "Portfolio à remettre",
    "form": "Forme de l'épreuve à revoir : l'habilitation a changé, ou prend fin avant la remise",
    "follower": "Professeur chargé du suivi à désigner",
    "placement": "Aucune période en entreprise enregistrée",
    "tutor": "Tuteur à désigner : les demandes l'attendent",
    "certificate": "Certificat de stage ou attestation de l'employeur déposé, à voir",
    "proposed": "Période proposée, à accepter ou à refuser",
    "ask_again": "Confirmations à redemander : la personne sollicitée n'y répond plus",
    "answer": "Confirmations demandées, sans réponse",
    "contested": "Période signalée par le tuteur : à vérifier",
    "reality": "Réalité des activités à évaluer",
    "convene": "Commission à convoquer",
    "seat": "Membre de commission qui ne peut plus siéger : à remplacer",
    "sign": "Commission réunie, fiche pas encore signée",
    "sitting": "Épreuve ponctuelle : résultat du service des examens à enregistrer",
    "convened_for_nothing": "Commission convoquée pour un candidat qui a abandonné : à annuler",
}
ACTS = {
    "address": "Corriger",
    "first_visit": "Voir les codes",
    "teacher_visit": "Voir les codes",
    "held": "Voir",
    "transmit": "Transmettre",
    "form": "Revoir",
    "follower": "Désigner",
    "placement": "Voir",
    "tutor": "Désigner",
    "certificate": "Voir",
    "proposed": "Répondre",
    "contested": "Vérifier",
    "convene": "Convoquer",
    "seat": "Remplacer",
    "sitting": "Enregistrer",
    "convened_for_nothing": "Annuler",
}
STATUSES = {
    "scolaire": "Scolaire",
    "apprenti": "Apprenti",
    "formation_continue": "Formation continue",
    "experience": "Expérience professionnelle",
}
TRANSFERS: dict[str, tuple[str, str]] = {
    TransferState.PROPOSED: ("attend la réponse", "wait"),
    TransferState.ACCEPTED: ("fait", "ok"),
    TransferState.DECLINED: ("décliné", "wrong"),
    TransferState.WITHDRAWN: ("retiré", "plain"),
}
FORMS = {"ccf": "Contrôle en cours de formation", "ponctuelle": "Forme ponctuelle"}
SCHOOL_KINDS = {
    "public": "Public",
    "prive_sous_contrat": "Privé sous contrat",
    "prive_hors_contrat": "Privé hors contrat",
    "cfa": "Centre de formation d'apprentis",
}
QUALITIES = {
    "follower": "professeur chargé du suivi",
    "tutor": "tuteur de l'entreprise",
    "second_professor": "deuxième professeur",
}
MODES = {"sealed": "appréciations séparées, puis accord", "together": "appréciation commune"}
KINDS = terms.KINDS
ROLES = {
    "administrator": "Administrateur",
    "office": "Établissement (secrétariat, direction)",
    "teacher": "Professeur",
    "candidate": "Candidat",
    "tutor": "Tuteur en entreprise",
    "jury": "Jury",
    "inspector": "Inspecteur",
    "support": "Assistance",
    "exam_service": "Service des examens",
}
GRANT_WAITS = (
    "Le droit ne compte pas encore : une autre personne le confirme sur « Droits et comptes » ; "
    "s'il n'y en a pas, il compte un jour ou deux plus tard."
)
PERSON_STATES = {
    "invited": ("Invité, pas encore venu", "wait"),
    "active": ("Compte ouvert", "ok"),
    "suspended": ("Suspendu", "wrong"),
}
JOURNALS = {
    "portfolio": "journal du portfolio",
    "assessment": "journal de l'appréciation",
    "jury": "journal du jury",
}
# {kind of a fault of what is sealed: sentence, before where it is}
FAULTS = {
    FaultKind.TAMPERED: "Un acte a été changé après avoir été scellé",
    FaultKind.MISSING: "Il manque un acte",
    FaultKind.MISPLACED: "Un acte n'est plus à sa place",
    FaultKind.TRUNCATED: "Les derniers actes manquent",
    FaultKind.HEAD: "La fin enregistrée n'est pas celle du dernier acte",
    FaultKind.UNKNOWN_KEY: "Un acte porte un sceau que ce service ne sait pas vérifier",
    FaultKind.ALTERED: "Ce qui est enregistré n'est plus ce qui a été scellé",
    FaultKind.UNSEALED: "Ce qui est enregistré n'a été scellé par aucun acte",
    FaultKind.LOST: "Ce qu'un acte a scellé n'est plus enregistré",
}
SHEETS = {
    "proposed": ("À transmettre", "warn"),
    "transmitted": ("Transmise", "ok"),
    "final": ("Arrêtée par le jury", "ok"),
    "voided": ("Annulée", "wrong"),
}
SLIPS = {
    "drawn_up": ("À faire viser", "wait"),
    "approved": ("Visé", "ok"),
    "under_way": ("Élimination en cours", "wait"),
    "done": ("Exécuté", "ok"),
    "refused": ("Visa refusé", "wrong"),
    "abandoned": ("Abandonné", "plain"),
}
SLIP_NEXT = {
    "drawn_up": "Rien n'est éliminé tant que le service d'archives n'a pas donné son visa.",
    "approved": "L'élimination peut être demandée.",
    "under_way": "Elle se fait portfolio par portfolio ; rechargez cette page dans quelques minutes.",
    "done": "L'attestation est à conserver sans limite de durée.",
    "refused": "Ses portfolios restent conservés.",
    "abandoned": "Ses portfolios restent conservés.",
}
DIFFERENCES = {
    "missing": ("Pas saisie", "wrong"),
    "different": ("Autre note", "wrong"),
    "zeros": ("Même note, zéros de tête différents", "warn"),
    "twice": ("Saisie plusieurs fois", "warn"),
    "extra": ("Absent du bordereau", "warn"),
    "unreadable": ("Ligne illisible", "plain"),
}
IMPORT_FIELDS = {
    "birth_name": "Nom de naissance",
    "usage_name": "Nom d'usage",
    "given_names": "Prénoms",
    "candidate_number": "N° candidat",
    "email": "Courriel",
    "birth_date": "Date de naissance",
    "status": "Statut",
    "ine": "INE",
    "division": "Classe",
    "distance": "À distance",
}
IMPORT_QUESTIONS = {
    "two_digit_years": "Des dates ont une année sur deux chiffres. Vérifiez comment elles sont lues.",
    "split_names": "Le nom et le prénom sont dans une même colonne. Vérifiez où ils sont partagés.",
    "unlikely_dates": "Ces dates de naissance sont-elles exactes ? Sinon, corrigez d'abord la ligne.",
    "single_name": "Ces personnes n'ont-elles qu'un nom ? Si un prénom manque, corrigez d'abord la ligne.",
    "lost_zeros": "Ces numéros de candidat ont-ils perdu leur zéro de tête ? Un tableur le retire souvent. "
    "Comparez avec une confirmation d'inscription à l'examen.",
}
IMPORT_AGREED = {
    "two_digit_years": "Ces dates sont lues comme il faut",
    "split_names": "Ces noms sont partagés comme il faut",
    "unlikely_dates": "Ces dates de naissance sont exactes",
    "single_name": "Ces personnes n'ont qu'un nom, sans prénom",
}
PERIOD_QUESTIONS = {
    "split_names": (
        "Rien ne dit où finit le nom de ces tuteurs. Vérifiez où il est partagé.",
        "Ces noms sont partagés comme il faut",
    ),
    "unlikely_dates": ("Les dates de ces périodes sont inhabituelles. Vérifiez-les.", "Ces dates sont exactes"),
}
ZEROS_ANSWERS = [
    ("lost_zeros", "Oui : écrire les numéros complétés"),
    ("whole_numbers", "Non, ils sont entiers : les garder tels quels"),
]

YEAR_KINDS = {
    ListOf.CANDIDATES: "Candidats",
    ListOf.TEACHERS: "Professeurs",
    ListOf.COMPANIES: "Entreprises",
    ListOf.PERIODS: "Périodes en entreprise",
    ListOf.TUTORS: "Tuteurs",
}
YEAR_TO_ADD = {
    ListOf.CANDIDATES: ("candidat", "candidats"),
    ListOf.TEACHERS: ("professeur", "professeurs"),
    ListOf.COMPANIES: ("entreprise", "entreprises"),
    ListOf.PERIODS: ("période", "périodes"),
    ListOf.TUTORS: ("tuteur", "tuteurs"),
}
YEAR_ADDED = {
    ListOf.CANDIDATES: ("candidat inscrit ou complété", "candidats inscrits ou complétés"),
    ListOf.TEACHERS: ("professeur invité, désigné ou corrigé", "professeurs invités, désignés ou corrigés"),
    ListOf.COMPANIES: ("entreprise ajoutée ou corrigée", "entreprises ajoutées ou corrigées"),
    ListOf.PERIODS: ("période ajoutée ou corrigée", "périodes ajoutées ou corrigées"),
    ListOf.TUTORS: ("tuteur désigné, complété ou corrigé", "tuteurs désignés, complétés ou corrigés"),
}
YEAR_STATES = {
    "added": ("enregistré", "ok"),
    "corrected": ("corrigé", "ok"),
    "wrong": ("à corriger", "wrong"),
    "known": ("déjà enregistré", "plain"),
    "differs": ("diffère", "warn"),
    "ready": ("à ajouter", "ok"),
}
YEAR_DIFFERS = {
    **IMPORT_FIELDS,
    "days": "Jours",
    "tutor": "Tuteur",
    "starts_on": "Du",
    "ends_on": "Au",
    "follows": "Suivi",
    "family_name": "Nom",
    "teaches_profession": "Enseignements professionnels",
    "company": "Nom",
    "city": "Ville",
    "siret": "SIRET",
    "address": "Adresse",
    "country": "Pays",
    "tutor_email": "Courriel du tuteur",
    "tutor_function": "Fonction du tuteur",
}
YEAR_FIELDS = {
    name: column.title for kind in LIST_KINDS.values() for name, column in kind.columns.items()
} | IMPORT_FIELDS


LAST_OF: dict[str, str] = {
    Role.ADMINISTRATOR: "Personne d'autre n'administre le service.",
    Role.OFFICE: "Personne d'autre ne tient le secrétariat de cet établissement : ni inscription, ni convocation, ni "
    "transmission.",
    Role.JURY: "Personne d'autre ne siège à ce jury : aucune note ne s'y décide plus.",
    Role.INSPECTOR: "Personne d'autre n'inspecte cette épreuve ici.",
    Role.EXAM_SERVICE: "Personne d'autre n'a ce droit au service des examens de l'académie.",
    Role.SUPPORT: "Personne d'autre n'assiste les utilisateurs de cette académie.",
}


def waiting_note(invited: Person) -> str:
    """Returns the French sentence to add after an invitation to a right that does not count yet; "" otherwise."""
    return f" {GRANT_WAITS}" if any(grant.waits for grant in invited.live_grants) else ""


def written_to(mails: int) -> str:
    """Returns what the board says of a person who was asked: mails, of the request least written about, that left and
    did not come back.
    """
    if mails == 0:
        return "aucun courriel parti"
    return "sollicité par courriel" if mails == 1 else "relancé par courriel"
