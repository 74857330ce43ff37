"""What happened to a portfolio, in sentences, from the chain that its candidate may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Candidacy, Evidence, EvidenceFile, Person, Placement, Portfolio
from portfolio.policy.permissions import Action, require
from portfolio.policy.relations import Actor
from portfolio.store.connections import current
from portfolio.store.journal import portfolio_chain

# Event → what somebody did. {answer} and {number} come from the event's data.
SENTENCES = {
    # the candidate's portfolio
    "activity_added": "a ajouté une activité",
    "activity_amended": "a modifié une activité",
    "activity_withdrawn": "a retiré une activité",
    "evidence_added": "a ajouté une preuve",
    "evidence_amended": "a modifié une preuve",
    "evidence_withdrawn": "a retiré une preuve",
    "upload_begun": "a commencé l'envoi d'un fichier",
    "upload_relayed": "a demandé au service de relayer l'envoi d'un fichier",
    "file_verified": "a envoyé un fichier, vérifié par le service",
    "file_quarantined": "a envoyé un fichier, refusé par le service",
    "file_removed": "a enlevé un fichier",
    "file_described": "a décrit un fichier",
    "file_discarded": "a effacé le contenu d'un fichier refusé ou retiré, qui ne servait plus",
    "portfolio_submitted": "a remis le portfolio (remise n° {number})",
    "portfolio_reopened": "a rouvert le portfolio après la remise n° {number}",
    "portfolio_held": "a prolongé la conservation du portfolio",
    "portfolio_hold_lifted": "a mis fin à la prolongation de la conservation du portfolio",
    "portfolio_spared": "n'a pas éliminé le portfolio : sa conservation est prolongée (bordereau n° {number})",
    "portfolio_eliminated": "a éliminé le portfolio (bordereau n° {number})",
    "portfolio_files_erased": "a effacé les fichiers du portfolio éliminé (bordereau n° {number})",
    "check_recorded": "a saisi les résultats d'un contrôle",
    "feedback_given": "a donné un conseil sur une preuve",
    "feedback_acknowledged": "a lu un conseil sur une preuve",
    # placements and sign-offs
    "placement_added": "a enregistré une période en milieu professionnel",
    "placement_amended": "a modifié une période en milieu professionnel",
    "placement_cancelled": "a annulé une période en milieu professionnel",
    "tutor_replaced": "a remplacé le tuteur d'une période en milieu professionnel",
    "sign_off_requested": "a demandé la confirmation d'une activité",
    "sign_off_answered": "a répondu sur la réalité d'une activité : {answer}",
    "placement_contested": "a signalé un problème sur une période en milieu professionnel : {because}",
    "placement_resumed": "a repris les demandes au tuteur d'une période en milieu professionnel",
    "paper_deposited": "a déposé le scan d'une attestation signée sur papier",
    "tutor_waived": "a dispensé le tuteur de se prononcer sur une activité",
    "reality_written": "a écrit l'évaluation de la réalité des activités d'une période",
    "reality_rewritten": "a récrit l'évaluation de la réalité des activités d'une période",
    "reality_concurred": "a approuvé l'évaluation de la réalité des activités d'une période",
    "reality_concluded_alone": "a conclu sans le tuteur l'évaluation de la réalité des activités d'une période",
    # access
    "file_opened": "a ouvert un fichier",
    "portfolio_exported": "a téléchargé l'archive du portfolio",
    # enrolment
    "candidate_enrolled": "a inscrit un candidat",
    "candidacy_amended": "a modifié une candidature",
    "followers_set": "a désigné les professeurs chargés du suivi",
    "adaptation_notified": "a enregistré un aménagement notifié",
    "roster_previewed": "a lu une liste de candidats, sans rien inscrire",
    "roster_confirmed": "a inscrit les candidats d'une liste",
    "roster_undone": "a annulé l'inscription des candidats d'une liste",
    # people and places
    "administrator_created": "a créé le premier administrateur",
    "person_invited": "a invité une personne",
    "person_invited_again": "a renvoyé une invitation",
    "grant_revoked": "a retiré un droit",
    "grant_counted": "a fait compter un droit qui attendait",
    "invitation_asked": "a demandé une nouvelle invitation, qui attend",
    "address_correction_asked": "a demandé une correction d'adresse, qui attend",
    "account_change_refused": "a refusé un changement qui attendait",
    "record_sealed": "a changé ce qui est enregistré d'une personne, par un acte d'une autre chaîne",
    "heads_anchored": "a ancré les têtes des chaînes",
    "state_found": "a scellé une partie de ce qui était enregistré, tel quel",
    "state_sealed": "a fini de sceller ce qui était enregistré, tel quel",
    "account_suspended": "a suspendu un compte",
    "account_reinstated": "a rétabli un compte",
    "address_failed": "a constaté qu'une adresse ne reçoit plus les courriels",
    "address_corrected": "a corrigé l'adresse d'une personne",
    "sign_off_link_issued": "a préparé un lien de confirmation",
    "sign_off_link_opened": "a ouvert un lien de confirmation",
    "sign_off_links_revoked": "a révoqué des liens de confirmation",
    "way_in_asked": "a préparé un lien ou un code, à la demande d'un visiteur",
    "authenticator_locked": "a vu son application d'authentification bloquée pour une heure, après dix codes faux",
    "signed_out_everywhere": "a déconnecté ses autres appareils",
    "code_refused": "a tapé un code qui n'était pas le bon",
    "password_set": "a choisi un mot de passe",
    "signed_in": "a ouvert une connexion",
    "second_factor_given": "a confirmé son identité par un code",
    "authenticator_set_up": "a enregistré une application d'authentification",
    "authenticator_removed": "a retiré son application d'authentification",
    "signed_out": "a mis fin à une connexion",
    "academy_created": "a ouvert une académie",
    "school_created": "a ouvert un établissement",
    "jury_created": "a ouvert un jury",
    "company_added": "a ajouté une entreprise",
    # elimination
    "elimination_slip_drawn_up": "a établi le bordereau d'élimination n° {number}",
    "elimination_slip_approved": "a enregistré le visa du bordereau d'élimination n° {number}",
    "elimination_slip_refused": "a enregistré le refus du bordereau d'élimination n° {number}",
    "elimination_slip_abandoned": "a abandonné le bordereau d'élimination n° {number}",
    "elimination_started": "a demandé l'élimination des portfolios du bordereau n° {number}",
    "elimination_done": "a achevé l'élimination des portfolios du bordereau n° {number}",
    # commission
    "commission_convened": "a convoqué la commission d'évaluation",
    "commission_moved": "a changé la date ou le lieu de la commission",
    "commission_cancelled": "a annulé la convocation de la commission",
    "member_replaced": "a remplacé un membre de la commission",
    "piece_admitted": "a statué sur l'admission d'un élément",
    "piece_retained": "a statué sur une preuve à retenir",
    "submission_taken_over": "a pris en compte une nouvelle remise du portfolio",
    "assessment_appraised": "a écrit l'appréciation de la commission",
    "grid_filled": "a rempli la grille d'évaluation",
    "grid_sealed": "a scellé sa grille d'évaluation",
    "sheet_drawn_up": "a établi la fiche d'évaluation",
    "sheet_signed": "a signé la fiche d'évaluation",
    "sheet_voided": "a annulé la fiche d'évaluation",
    "sheet_transmitted": "a transmis la fiche d'évaluation au jury",
    "mark_list_reconciled": "a comparé le bordereau à ce qui a été saisi",
    # jury
    "final_mark_set": "a arrêté une note définitive",
    "proposals_confirmed": "a confirmé des notes proposées",
    "results_published": "a publié les résultats",
    "sheet_released": "a communiqué sa fiche au candidat",
    "final_mark_corrected": "a rectifié une erreur matérielle dans une note publiée",
}
ANSWERS = {
    "confirmed": "confirmée",
    "partly": "confirmée en partie",
    "refused": "non confirmée",
    "not_known": "ne peut pas se prononcer",
}
BECAUSE = {
    "not_the_right_person": "il n'est pas la bonne personne",
    "did_not_happen": "elle n'a pas eu lieu",
}
ROLES = {
    "teacher": "un professeur",
    "office": "l'établissement",
    "tutor": "un tuteur",
    "candidate": "un candidat",
    "administrator": "un administrateur",
}
SOMEBODY = "une personne"


@dataclass(frozen=True)
class Act:
    """seq: its place in the chain. about: the title, name or company it is about, as it reads today."""

    seq: int
    at: datetime
    name: str
    sentence: str
    about: str | None


@dataclass(frozen=True)
class Page:
    """next: the `after` of the following page, None at the end."""

    items: tuple[Act, ...]
    next: int | None


def history(by: Actor, portfolio: Portfolio, after: int, limit: int) -> Page:
    """The acts that follow link `after` (0: from the first one), oldest first, in a constant number of queries."""
    require(by, Action.READ_HISTORY, portfolio)
    query = {"chain": portfolio_chain(portfolio), "seq": {"$gt": after}}
    links = list(current().database.events.find(query).sort("seq", 1).limit(limit + 1))
    shown = links[:limit]
    return Page(acts(portfolio, shown), shown[-1]["seq"] if len(links) > limit else None)


def latest(by: Actor, portfolio: Portfolio, before: int | None, limit: int) -> Page:
    """The acts that precede link `before` (None: up to the last one), latest first. next: the
    `before` of those before.
    """
    require(by, Action.READ_HISTORY, portfolio)
    query = {"chain": portfolio_chain(portfolio), **({} if before is None else {"seq": {"$lt": before}})}
    links = list(current().database.events.find(query).sort("seq", -1).limit(limit + 1))
    shown = links[:limit]
    return Page(acts(portfolio, shown), shown[-1]["seq"] if len(links) > limit else None)


def acts(thing: Any, links: list[dict[str, Any]]) -> tuple[Act, ...]:
    """thing: the portfolio, or anything below it. links: of its chain. Rights are the caller's to check."""
    names, titles = _names(thing, {link["by"] for link in links}), _titles(thing)
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
    """One plain French sentence: pure."""
    answer = ANSWERS.get(data.get("answer", ""), "")
    because = BECAUSE.get(data.get("because", ""), "")
    did = SENTENCES[name].format(answer=answer, because=because, number=data.get("number", ""))
    return f"{who[0].upper()}{who[1:]} {did}."


def _names(thing: Any, people: Iterable[str]) -> dict[str, str]:
    """{journal name: how to call them}. Candidate, tutors and signatories by name, as the reader already reads them on
    the placements and sign-offs; the others by what they do."""
    names = {"system": "le service"}
    ids = [ObjectId(person) for person in people if person not in names]
    for person in Person.objects(pk__in=ids).only("grants"):
        roles = {grant.role for grant in person.grants}
        names[str(person.id)] = next((words for role, words in ROLES.items() if role in roles), SOMEBODY)
    of_candidate = {"candidacy": thing.candidacy}
    for placement in Placement.objects(**of_candidate).only("tutor", "tutor_name"):
        names[str(placement.tutor)] = placement.tutor_name
    for attestation in Attestation.objects(**of_candidate, signer_name__ne=None).only("person", "signer_name"):
        names[str(attestation.person)] = attestation.signer_name
    candidacy = Candidacy.objects.get(pk=thing.candidacy)
    names[str(candidacy.person)] = candidacy.display_name
    return names


def _titles(thing: Any) -> dict[str, str]:
    """{id: title} of everything in the portfolio."""
    of_candidate = {"candidacy": thing.candidacy}
    titles: dict[str, str] = {}
    for kind, field in ((Activity, "title"), (Evidence, "title"), (EvidenceFile, "name"), (Placement, "company_name")):
        titles |= {str(one.id): getattr(one, field) for one in kind.objects(**of_candidate).only(field)}
    return titles
