"""Tells the history of a portfolio in French sentences, from the chain that its candidate may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Candidacy, Evidence, EvidenceFile, Person, Placement, Portfolio
from portfolio.documents.attestations import SignOffAnswer
from portfolio.documents.candidacies import Objection
from portfolio.documents.fields import CandidacyThing, Thing
from portfolio.documents.people import Role
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import CODE_HOLDER
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import portfolio_chain
from portfolio.store.together import documents, together, wanted

# Event → predicate of the sentence. {answer}, {because}, {number}, {session}, {left} and {joined} (UAI) come from the
# data of the event.
SENTENCES = {
    # the candidate's portfolio
    EventName.ACTIVITY_ADDED: "a ajouté une activité",
    EventName.ACTIVITY_AMENDED: "a modifié une activité",
    EventName.ACTIVITY_WITHDRAWN: "a retiré une activité",
    EventName.ACTIVITY_REUSED: "a repris une activité de la session {session}",
    EventName.EVIDENCE_ADDED: "a ajouté une preuve",
    EventName.EVIDENCE_AMENDED: "a modifié une preuve",
    EventName.EVIDENCE_WITHDRAWN: "a retiré une preuve",
    EventName.EVIDENCE_REUSED: "a repris une preuve de la session {session}",
    EventName.UPLOAD_BEGUN: "a commencé l'envoi d'un fichier",
    EventName.UPLOAD_RELAYED: "a demandé au service de relayer l'envoi d'un fichier",
    EventName.FILE_VERIFIED: "a envoyé un fichier, vérifié par le service",
    EventName.FILE_REUSED: "a repris un fichier de la session {session}, vérifié alors par le service",
    EventName.FILE_QUARANTINED: "a envoyé un fichier, refusé par le service",
    EventName.FILE_EXAMINED: "a montré un fichier à l'antivirus, qui n'avait pas pu l'examiner à son dépôt",
    EventName.QUARANTINE_LIFTED: "a levé la quarantaine d'un fichier que l'antivirus retenait",
    EventName.FILE_REMOVED: "a enlevé un fichier",
    EventName.FILE_CLEANED: "a fait une copie nettoyée d'un fichier",
    EventName.FILE_DESCRIBED: "a décrit un fichier",
    EventName.UNPACKING_ASKED: "a demandé de déballer une archive",
    EventName.UNPACKING_WENT_ON: "a déballé une partie d'une archive",
    EventName.UNPACKING_ENDED: "a fini de déballer une archive",
    EventName.FILE_DISCARDED: "a effacé le contenu d'un fichier refusé ou retiré, qui ne servait plus",
    EventName.PORTFOLIO_SUBMITTED: "a remis le portfolio (remise n° {number})",
    EventName.PORTFOLIO_REOPENED: "a rouvert le portfolio après la remise n° {number}",
    EventName.PORTFOLIO_HELD: "a prolongé la conservation du portfolio",
    EventName.PORTFOLIO_HOLD_LIFTED: "a mis fin à la prolongation de la conservation du portfolio",
    EventName.PORTFOLIO_SPARED: "n'a pas éliminé le portfolio : sa conservation est prolongée (bordereau n° {number})",
    EventName.PORTFOLIO_ELIMINATED: "a éliminé le portfolio (bordereau n° {number})",
    EventName.PORTFOLIO_FILES_ERASED: "a effacé les fichiers du portfolio éliminé (bordereau n° {number})",
    EventName.CHECK_RECORDED: "a saisi les résultats d'un contrôle",
    EventName.FEEDBACK_GIVEN: "a donné un conseil sur une preuve",
    EventName.FEEDBACK_ACKNOWLEDGED: "a lu un conseil sur une preuve",
    # placements and sign-offs
    EventName.PLACEMENT_ADDED: "a enregistré une période en milieu professionnel",
    EventName.PLACEMENT_AMENDED: "a modifié une période en milieu professionnel",
    EventName.CERTIFICATE_DEPOSITED: "a déposé le certificat d'une période en milieu professionnel",
    EventName.CERTIFICATE_SEEN: "a vu le certificat d'une période en milieu professionnel",
    EventName.PLACEMENT_BROKEN_OFF: "a enregistré la rupture d'une période en milieu professionnel",
    EventName.PLACEMENT_CANCELLED: "a annulé une période en milieu professionnel",
    EventName.PLACEMENT_TAKEN_BACK: "a retiré une période en entreprise, ajoutée par une liste qui a été annulée",
    EventName.TUTOR_LEFT: "a enregistré qu'une période en milieu professionnel n'a plus de tuteur",
    EventName.TUTOR_NAMED: "a désigné le tuteur d'une période en milieu professionnel",
    EventName.TUTOR_NAME_CORRECTED: "a corrigé le nom ou la fonction du tuteur d'une période en milieu professionnel",
    EventName.TUTOR_REPLACED: "a remplacé le tuteur d'une période en milieu professionnel",
    EventName.SIGN_OFF_REQUESTED: "a demandé la confirmation d'une activité",
    EventName.SIGN_OFF_LAPSED: "a mis fin à des demandes de confirmation, dont le destinataire ne répond plus",
    EventName.SIGN_OFF_ANSWERED: "a répondu sur la réalité d'une activité : {answer}",
    EventName.SIGN_OFF_REUSED: "a repris une réponse de la session {session} sur la réalité d'une activité : {answer}",
    EventName.PLACEMENT_CONTESTED: "a signalé un problème sur une période en milieu professionnel : {because}",
    EventName.PLACEMENT_RESUMED: "a repris les demandes au tuteur d'une période en milieu professionnel",
    EventName.PLACEMENT_PROPOSED: "a proposé une période en milieu professionnel",
    EventName.PLACEMENT_UNPROPOSED: "a retiré la période en milieu professionnel qui était proposée",
    EventName.PLACEMENT_ACCEPTED: "a accepté la période en milieu professionnel qui était proposée",
    EventName.PLACEMENT_REFUSED: "a refusé la période en milieu professionnel qui était proposée",
    EventName.PAPER_DEPOSITED: "a déposé le scan d'une attestation signée sur papier",
    EventName.TUTOR_WAIVED: "a dispensé le tuteur de se prononcer sur une activité",
    EventName.REALITY_WRITTEN: "a écrit l'évaluation de la réalité des activités d'une période",
    EventName.REALITY_REWRITTEN: "a récrit l'évaluation de la réalité des activités d'une période",
    EventName.REALITY_CONCURRED: "a approuvé l'évaluation de la réalité des activités d'une période",
    EventName.REALITY_CONCLUDED_ALONE: "a conclu sans le tuteur l'évaluation de la réalité des activités d'une période",
    # access
    EventName.FILE_OPENED: "a ouvert un fichier",
    EventName.PORTFOLIO_EXPORTED: "a téléchargé l'archive du portfolio",
    # enrolment
    EventName.CANDIDATE_ENROLLED: "a inscrit un candidat",
    EventName.CANDIDACY_AMENDED: "a modifié une candidature",
    EventName.CANDIDACY_ABANDONED: "a enregistré un abandon de la formation",
    EventName.ABANDONMENT_TAKEN_BACK: "est revenu sur un abandon enregistré",
    EventName.TRANSFER_PROPOSED: "a proposé le transfert d'un candidat à l'établissement {joined}",
    EventName.TRANSFER_WITHDRAWN: "a retiré une proposition de transfert",
    EventName.TRANSFER_DECLINED: "a décliné le transfert d'un candidat",
    EventName.TRANSFER_ACCEPTED: "a accepté le transfert d'un candidat, qui quitte l'établissement",
    EventName.CANDIDATE_RECEIVED: "a accueilli un candidat, venu de l'établissement {left}",
    EventName.CANDIDACY_TRANSFERRED: "a accueilli le portfolio : de l'établissement {left}, il passe à {joined}",
    EventName.CIRCULAR_MOVED: "a fait passer une candidature à une version plus récente de sa circulaire",
    EventName.FOLLOWERS_SET: "a désigné les professeurs chargés du suivi",
    EventName.REPLACEMENT_RECORDED: "a enregistré le remplacement d'un professeur",
    EventName.REPLACEMENT_BEGAN: "a confié à un remplaçant les candidats d'un professeur",
    EventName.REPLACEMENT_AMENDED: "a changé le dernier jour du remplacement d'un professeur",
    EventName.REPLACEMENT_ENDED: "a mis fin au remplacement d'un professeur",
    EventName.TRAINING_RECORDED: "a enregistré une entrée en cours de formation ou une durée de stage réduite",
    EventName.FORM_CHANGED: "a changé le statut du candidat ou la forme de l'épreuve",
    EventName.SITTING_RECORDED: "a enregistré le résultat d'une épreuve ponctuelle, reçu du service des examens",
    EventName.ADAPTATION_NOTIFIED: "a enregistré un aménagement notifié",
    EventName.LIST_COLUMNS_SAID: "a dit ce que sont des colonnes des listes de l'établissement",
    EventName.LIST_WRITTEN: "a enregistré ce que disaient des listes de l'établissement",
    EventName.LIST_LINE_UNDONE: "a annulé ce qu'une ligne d'une liste avait enregistré",
    EventName.LIST_UNDONE: "a annulé ce que des listes avaient enregistré",
    EventName.ROSTER_CORRECTED: "a corrigé une ligne d'une liste de candidats",
    EventName.ROSTER_PREVIEWED: "a lu une liste de candidats, sans rien inscrire",
    EventName.ROSTER_CONFIRMED: "a inscrit les candidats d'une liste",
    EventName.ROSTER_UNDONE: "a annulé l'inscription des candidats d'une liste",
    # circulars made on screen
    EventName.CIRCULAR_BEGUN: "a commencé une version de la circulaire",
    EventName.CIRCULAR_AMENDED: "a modifié une version de la circulaire en préparation",
    EventName.CIRCULAR_ANNEX_DEPOSITED: "a déposé l'annexe d'une circulaire",
    EventName.CIRCULAR_COMPARED: "a déclaré avoir comparé la grille avec l'annexe, ligne par ligne",
    EventName.CIRCULAR_PUBLISHED: "a publié une version de la circulaire",
    EventName.CIRCULAR_ABANDONED: "a abandonné une version de la circulaire en préparation",
    # people and places
    EventName.ADMINISTRATOR_CREATED: "a créé le premier administrateur",
    EventName.PERSON_INVITED: "a invité une personne",
    EventName.PERSON_INVITED_AGAIN: "a renvoyé une invitation",
    EventName.ENTRY_CODES_MADE: "a préparé des codes de première connexion, à remettre sur papier",
    EventName.ENTRY_CODE_ENDED: "a fermé un code de première connexion : trop de dates de naissance, ou de noms, faux",
    EventName.ENTRY_CODE_GIVEN: "a donné une adresse avec un code de première connexion",
    EventName.PERSON_LOOKED_UP: "a consulté l'état du compte, sans ouvrir aucun contenu",
    EventName.GRANT_REVOKED: "a retiré un droit",
    EventName.GRANT_COUNTED: "a fait compter un droit qui attendait",
    EventName.INVITATION_ASKED: "a demandé une nouvelle invitation, qui attend",
    EventName.ADDRESS_CORRECTION_ASKED: "a demandé une correction d'adresse, qui attend",
    EventName.ACCOUNT_CHANGE_REFUSED: "a refusé un changement qui attendait",
    EventName.RECORD_SEALED: "a changé ce qui est enregistré d'une personne, par un acte d'une autre chaîne",
    EventName.HEADS_ANCHORED: "a ancré les têtes des chaînes",
    EventName.STATE_FOUND: "a scellé une partie de ce qui était enregistré, tel quel",
    EventName.STATE_SEALED: "a fini de sceller ce qui était enregistré, tel quel",
    EventName.ACCOUNT_SUSPENDED: "a suspendu un compte",
    EventName.ACCOUNT_REINSTATED: "a rétabli un compte",
    EventName.ADDRESS_FAILED: "a constaté qu'une adresse ne reçoit plus les courriels",
    EventName.ADDRESS_DELAYED: "a constaté que les courriels à une adresse sont retardés depuis une semaine",
    EventName.ADDRESS_TRIED_AGAIN: "a fait essayer de nouveau l'adresse d'une personne",
    EventName.ADDRESS_CORRECTED: "a corrigé l'adresse d'une personne",
    EventName.SIGN_OFF_LINK_ISSUED: "a préparé un lien de confirmation",
    EventName.SIGN_OFF_LINK_OPENED: "a ouvert un lien de confirmation",
    EventName.SIGN_OFF_LINKS_REVOKED: "a révoqué des liens de confirmation",
    EventName.WAY_IN_ASKED: "a préparé un lien ou un code, à la demande d'un visiteur",
    EventName.AUTHENTICATOR_LOCKED: (
        "a vu son application d'authentification bloquée pour une heure, après dix codes faux"
    ),
    EventName.PERSON_NAME_CORRECTED: "a corrigé le nom d'une personne",
    EventName.TEACHING_CORRECTED: "a corrigé si un professeur est chargé des enseignements professionnels",
    EventName.SIGNED_OUT_EVERYWHERE: "a déconnecté ses autres appareils",
    "code_refused": "a tapé un code qui n'était pas le bon",
    EventName.PASSWORD_SET: "a choisi un mot de passe",
    EventName.SIGNED_IN: "a ouvert une connexion",
    EventName.SECOND_FACTOR_GIVEN: "a confirmé son identité par un code",
    EventName.CALENDAR_FEED_ENDED: "a mis fin à l'adresse de son agenda",
    EventName.CALENDAR_FEED_MADE: "s'est fait une adresse d'agenda, à la place de celle d'avant s'il y en avait une",
    EventName.AUTHENTICATOR_SET_UP: "a enregistré une application d'authentification",
    EventName.AUTHENTICATOR_REMOVED: "a retiré son application d'authentification",
    EventName.SIGNED_OUT: "a mis fin à une connexion",
    EventName.ACADEMY_CREATED: "a ouvert une académie",
    EventName.SCHOOL_CREATED: "a ouvert un établissement",
    EventName.SCHOOL_CORRECTED: "a corrigé le nom ou la ville d'un établissement",
    EventName.EXAMS_OFFERED: "a dit quelles épreuves un établissement propose",
    EventName.HABILITATION_RECORDED: "a enregistré une habilitation au contrôle en cours de formation",
    EventName.HABILITATION_ENDED: "a enregistré un autre terme d'une habilitation au contrôle en cours de formation",
    EventName.JURY_CREATED: "a ouvert un jury",
    EventName.COMPANY_ADDED: "a ajouté une entreprise",
    EventName.COMPANY_CORRECTED: "a corrigé ce que l'établissement sait d'une entreprise",
    # elimination
    EventName.ELIMINATION_SLIP_DRAWN_UP: "a établi le bordereau d'élimination n° {number}",
    EventName.ELIMINATION_SLIP_APPROVED: "a enregistré le visa du bordereau d'élimination n° {number}",
    EventName.ELIMINATION_SLIP_REFUSED: "a enregistré le refus du bordereau d'élimination n° {number}",
    EventName.ELIMINATION_SLIP_ABANDONED: "a abandonné le bordereau d'élimination n° {number}",
    EventName.ELIMINATION_STARTED: "a demandé l'élimination des portfolios du bordereau n° {number}",
    EventName.ELIMINATION_DONE: "a achevé l'élimination des portfolios du bordereau n° {number}",
    # commission
    EventName.COMMISSION_CONVENED: "a convoqué la commission d'évaluation",
    EventName.COMMISSION_MOVED: "a changé la date ou le lieu de la commission",
    EventName.WAY_OF_SCORING_ASKED: "a demandé à l'autre membre de changer la manière d'apprécier",
    EventName.WAY_OF_SCORING_KEPT: "a gardé la manière d'apprécier de la commission",
    EventName.DOSSIER_ASKED: "a demandé le dossier du candidat à imprimer",
    EventName.DOSSIER_PRINTED: "a préparé le dossier du candidat à imprimer",
    EventName.DOSSIER_OPENED: "a téléchargé le dossier du candidat à imprimer",
    EventName.MEETING_RECORDED: "a enregistré la réunion de la commission",
    EventName.WAY_OF_SCORING_CHOSEN: "a changé la manière d'apprécier de la commission",
    EventName.COMMISSION_CANCELLED: "a annulé la convocation de la commission",
    EventName.MEMBER_REPLACED: "a remplacé un membre de la commission",
    EventName.PIECE_ADMITTED: "a statué sur l'admission d'un élément",
    EventName.PIECE_RETAINED: "a statué sur une preuve à retenir",
    EventName.SUBMISSION_TAKEN_OVER: "a pris en compte une nouvelle remise du portfolio",
    EventName.ASSESSMENT_APPRAISED: "a écrit l'appréciation de la commission",
    EventName.GRID_FILLED: "a rempli la grille d'évaluation",
    EventName.GRID_SCAN_DEPOSITED: "a déposé le scan de la grille remplie à la main",
    EventName.GRID_SCAN_WITHDRAWN: "a retiré le scan d'une grille remplie à la main",
    EventName.PAPER_GRID_KEYED: "a déclaré avoir saisi la grille d'après son scan",
    EventName.PAPER_GRID_READ_AGAIN: "a relu la grille d'après son scan, comme elle était saisie",
    EventName.GRID_SEALED: "a scellé sa grille d'évaluation",
    EventName.SHEET_DRAWN_UP: "a établi la fiche d'évaluation",
    EventName.SHEET_SIGNED: "a signé la fiche d'évaluation",
    EventName.SHEET_VOIDED: "a annulé la fiche d'évaluation",
    EventName.SHEET_TRANSMITTED: "a transmis la fiche d'évaluation au jury",
    EventName.MARK_LIST_RECONCILED: "a comparé le bordereau à ce qui a été saisi",
    EventName.OUTCOME_RECORDED: "a enregistré une situation sans appréciation",
    EventName.OUTCOME_WITHDRAWN: "a retiré la situation sans appréciation",
    EventName.OUTCOME_SENT_BACK: "a renvoyé la situation sans appréciation à l'établissement",
    EventName.OUTCOME_DECIDED: "a arrêté le résultat d'une situation sans appréciation",
    EventName.OUTCOME_CORRECTED: "a rectifié le résultat publié d'une situation sans appréciation",
    EventName.OUTCOME_TAKEN_BACK: "a retiré le résultat publié d'une situation sans appréciation",
    # jury
    EventName.DEPUTY_SEATED: "a fait siéger un suppléant du jury à la place d'un titulaire",
    EventName.DEPUTY_UNSEATED: "a enregistré le retour d'un titulaire du jury",
    EventName.FINAL_MARK_SET: "a arrêté une note définitive",
    EventName.PROPOSALS_CONFIRMED: "a confirmé des notes proposées",
    EventName.RESERVE_PLACED: "a réservé le résultat, dans l'attente de la commission de discipline",
    EventName.RESERVE_LIFTED: "a levé la réserve sur le résultat",
    EventName.RESULTS_PUBLISHED: "a publié les résultats",
    EventName.SHEET_RELEASED: "a communiqué sa fiche au candidat",
    EventName.PROPOSAL_UNMASKED: "a décidé de communiquer la note proposée au candidat",
    EventName.FINAL_MARK_CORRECTED: "a rectifié une erreur matérielle dans une note publiée",
}
ANSWERS: dict[str, str] = {
    SignOffAnswer.CONFIRMED: "confirmée",
    SignOffAnswer.PARTLY: "confirmée en partie",
    SignOffAnswer.REFUSED: "non confirmée",
    SignOffAnswer.NOT_KNOWN: "ne peut pas se prononcer",
}
BECAUSE: dict[str, str] = {
    Objection.NOT_THE_RIGHT_PERSON: "il n'est pas la bonne personne",
    Objection.DID_NOT_HAPPEN: "elle n'a pas eu lieu",
}
ROLES: dict[str, str] = {
    Role.TEACHER: "un professeur",
    Role.OFFICE: "l'établissement",
    Role.TUTOR: "un tuteur",
    Role.CANDIDATE: "un candidat",
    Role.ADMINISTRATOR: "un administrateur",
}
SOMEBODY = "une personne"
# Authors who are no person of the service.
NAMELESS: dict[str, str] = {
    "system": "le service",
    CODE_HOLDER: "une personne qui avait le coupon, sans être connectée,",
}


# The title of a part comes first; placements last.
TITLED: dict[type[Thing], tuple[str, ...]] = {
    Activity: ("title",),
    Evidence: ("title",),
    EvidenceFile: ("name",),
    Placement: ("company_name", "tutor", "tutor_name"),
}


@dataclass(frozen=True)
class Act:
    """One act. seq: its place in the chain. about: the current title, name or company of its subject."""

    seq: int
    at: datetime
    name: str
    sentence: str
    about: str | None


@dataclass(frozen=True)
class Page:
    """A page of acts. next: the `after` (or `before`) of the following page, None at the end."""

    items: tuple[Act, ...]
    next: int | None


def history(by: Actor, portfolio: Portfolio, after: int, limit: int) -> Page:
    """Returns up to `limit` acts after link `after` (0: from the first one), oldest first, in a constant number of
    queries. Raises NotFound or Forbidden where `by` may not read the history.
    """
    require(by, Action.READ_HISTORY, portfolio)
    query = {"chain": portfolio_chain(portfolio), "seq": {"$gt": after}}
    links = list(current().database.events.find(query).sort("seq", 1).limit(limit + 1))
    page = links[:limit]
    return Page(acts(portfolio, page), page[-1]["seq"] if len(links) > limit else None)


def latest(by: Actor, portfolio: Portfolio, before: int | None, limit: int) -> Page:
    """Returns up to `limit` acts before link `before` (None: up to the last one), latest first. Raises NotFound or
    Forbidden where `by` may not read the history.
    """
    require(by, Action.READ_HISTORY, portfolio)
    query = {"chain": portfolio_chain(portfolio), **({} if before is None else {"seq": {"$lt": before}})}
    links = list(current().database.events.find(query).sort("seq", -1).limit(limit + 1))
    page = links[:limit]
    return Page(acts(portfolio, page), page[-1]["seq"] if len(links) > limit else None)


def acts(thing: CandidacyThing, links: list[dict[str, Any]]) -> tuple[Act, ...]:
    """Returns one act per link, in their order. thing: the portfolio, or a document below it; the caller checks the
    rights. Raises KeyError for a link whose event has no sentence.
    """
    names, titles = _named(thing, {link["by"] for link in links})
    return tuple(_act(link, names, titles) for link in links)


def _act(link: dict[str, Any], names: dict[str, str], titles: dict[str, str]) -> Act:
    data = link["data"]
    about = [link["subject"]["id"], data.get("activity"), data.get("placement")]
    return Act(
        seq=link["seq"],
        at=link["at"],
        name=link["name"],
        sentence=sentence(link["name"], names.get(link["by"], SOMEBODY), data),
        about=next((titles[key] for key in about if key in titles), None),
    )


def sentence(name: str, who: str, data: dict[str, Any]) -> str:
    """Returns one French sentence. name: of the event. who: its author in words. data: of the link. Pure. Raises
    KeyError for an event without a sentence.
    """
    answer = ANSWERS.get(data.get("answer", ""), "")
    because = BECAUSE.get(data.get("because", ""), "")
    places = {"left": data.get("from", ""), "joined": data.get("to", "")}
    named = {field: data.get(field, "") for field in ("number", "session")}
    did = SENTENCES[name].format(answer=answer, because=because, **named, **places)
    return f"{who[0].upper()}{who[1:]} {did}."


def _named(thing: CandidacyThing, people: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Returns, in one query, {journal name: French words}, the name of the candidate, tutors and signatories, which the
    reader already has on placements and sign-offs, the role of the others; and {id in hexadecimal: title, file name or
    company} of all activities, evidence, files and placements of the candidacy.
    """
    ids = [ObjectId(person) for person in people if person not in NAMELESS]
    theirs = {"candidacy": thing.candidacy}
    persons, signed, candidacies, *titled = together(
        wanted(Person, {"_id": {"$in": ids}}, fields=("grants",)),
        wanted(Attestation, {**theirs, "signer_name": {"$ne": None}}, fields=("person", "signer_name")),
        wanted(Candidacy, {"_id": thing.candidacy}),
        *(wanted(kind, theirs, fields=fields) for kind, fields in TITLED.items()),
    )
    names = dict(NAMELESS)
    for person in persons:
        roles = {grant["role"] for grant in person.get("grants", ())}
        names[str(person["_id"])] = next((words for role, words in ROLES.items() if role in roles), SOMEBODY)
    for placement in titled[-1]:
        if placement.get("tutor") is not None:
            names[str(placement["tutor"])] = placement["tutor_name"]
    names |= {str(answer.get("person")): answer["signer_name"] for answer in signed}
    (candidate,) = documents(Candidacy, candidacies)
    names[str(candidate.person)] = candidate.display_name
    titles = {
        str(row["_id"]): row[fields[0]] for rows, fields in zip(titled, TITLED.values(), strict=True) for row in rows
    }
    return names, titles
