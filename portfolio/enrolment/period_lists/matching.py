"""Says of each line of a list of periods whose it is, in which company, and whether it is known already. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bson import ObjectId

from portfolio.documents import Candidacy, Company, Placement
from portfolio.enrolment.lists.reading import ListRow
from portfolio.identifiers import NO_GIVEN_NAMES, name_key

CANDIDACY = "candidacy"  # what somebody chose among homonyms, beside the columns


@dataclass
class PeriodLine:
    """A line and what it is about. fits: candidates among whom somebody has to choose. company: None where it is to be
    added. known: the period that the school has already. differs: field -> [as known, as listed]. added,
    company_added: written from this line. before: field -> value of the known period that this line replaced.
    """

    row: ListRow
    candidacy: Candidacy | None = None
    fits: Sequence[Candidacy] = ()
    company: Company | None = None
    known: Placement | None = None
    differs: dict[str, list[str]] = field(default_factory=dict)
    kept: str = ""
    counted: bool = False
    added: Placement | None = None
    company_added: Company | None = None
    corrected: bool = False
    before: dict[str, object] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Returns `added`, `corrected`, `wrong`, `known`, `differs` (it may be corrected) or `ready`."""
        if self.added is not None:
            return "added"
        if self.corrected:
            return "corrected"
        if self.known is not None and self.differs and not self.kept and not self.row.errors:
            return "differs"
        return "wrong" if self.row.errors else "known" if self.known is not None else "ready"

    @property
    def company_key(self) -> str:
        """Returns the same key for lines of one company: its SIRET, else its name and city."""
        values = self.row.values
        return str(values.get("siret") or name_key(f"{values.get('company', '')} {values.get('city', '')}"))

    def wrong(self, name: str, sentence: str) -> None:
        self.row.errors.setdefault(name, []).append(sentence)


def find_candidate(line: PeriodLine, enrolled: Sequence[Candidacy]) -> None:
    """Sets whose the line is: who was chosen, bears the number, or has the names, and the birth date or the class where
    several have them. Else says what is to be corrected.
    """
    values = line.row.values
    if values.get(CANDIDACY):
        line.candidacy = next((person for person in enrolled if str(person.id) == values[CANDIDACY]), None)
        if line.candidacy is None:
            line.wrong("candidate", "Ce candidat n'est pas de cette session : choisissez-en un autre.")
        return
    named, column = _names(values), "candidate" if "candidate" in values else "birth_name"
    number = values.get("candidate_number")
    if number:
        line.candidacy = next((person for person in enrolled if person.candidate_number == number), None)
        if line.candidacy is None and not named:
            line.wrong("candidate_number", "Aucun candidat de cette session n'a ce numéro : vérifiez-le.")
        elif line.candidacy is not None and named and not bears(line.candidacy, named):
            sentence = f"Ce numéro est celui de {line.candidacy.display_name} : corrigez le numéro ou le nom."
            line.wrong("candidate_number", sentence)
            line.candidacy = None
        if line.candidacy is not None or not named or "candidate_number" in line.row.errors:
            return
    if not named:
        line.wrong("candidate", "Indiquez le candidat : son numéro, ou son nom et son prénom.")
        return
    line.fits = _narrowed([person for person in enrolled if bears(person, named)], values)
    if len(line.fits) == 1:
        line.candidacy = line.fits[0] if _born_then(line, line.fits[0]) else None
    elif line.fits:
        line.wrong(column, "Plusieurs candidats portent ce nom : choisissez lequel, ou indiquez son numéro.")
    else:
        line.wrong(column, "Aucun candidat de cette session ne porte ce nom : vérifiez-le, ou inscrivez-le d'abord.")


def _names(values: Mapping[str, object]) -> frozenset[str]:
    return name_words(" ".join(str(values.get(name, "")) for name in ("candidate", "birth_name", "given_names")))


def name_words(text: str) -> frozenset[str]:
    """Returns the words of somebody's names, without their order: a list has them either way round."""
    words = name_key(text)
    for none in NO_GIVEN_NAMES:
        words = words.removesuffix(none)
    return frozenset(words.split())


def bears(candidacy: Candidacy, named: frozenset[str]) -> bool:
    """Returns True if the words are one of the family names and some of the given names of a candidate, who may have
    none.
    """
    given = set(name_key(candidacy.given_names).split())
    for family in filter(None, (candidacy.birth_name, candidacy.usage_name)):
        words = set(name_key(family).split())
        rest = named - words
        if words <= named and rest <= given and (rest or not given or words & given):
            return True
    return False


def _narrowed(fits: list[Candidacy], values: Mapping[str, object]) -> list[Candidacy]:
    """Returns those of several namesakes who have the birth date, then the class, of the line; all where none has."""
    if len(fits) > 1 and values.get("birth_date"):
        fits = [person for person in fits if person.birth_date == values["birth_date"]] or fits
    if len(fits) > 1 and values.get("division"):
        division = name_key(str(values["division"]))
        fits = [person for person in fits if name_key(person.division or "") == division] or fits
    return fits


def _born_then(line: PeriodLine, candidacy: Candidacy) -> bool:
    """Returns False, and says so, if the line has another birth date than the candidate."""
    born = line.row.values.get("birth_date")
    if not born or "birth_date" in line.row.errors or born == candidacy.birth_date:
        return True
    line.wrong("birth_date", f"{candidacy.display_name} n'est pas né(e) ce jour-là : vérifiez de qui il s'agit.")
    return False


def find_company(line: PeriodLine, of_school: Iterable[Company]) -> None:
    """Sets the company of the school that has the SIRET of the line, else its name and city. Says what is missing to
    add it where there is none.
    """
    values = line.row.values
    if "siret" in line.row.errors or "company" in line.row.errors:
        return
    name, city = name_key(str(values.get("company", ""))), name_key(str(values.get("city", "")))
    if siret := values.get("siret"):
        fits = [company for company in of_school if company.siret == siret]
    else:
        fits = [company for company in of_school if name and name_key(company.name) == name]
        fits = [company for company in fits if not city or name_key(company.city) == city]
    if len(fits) == 1:
        line.company = fits[0]
        if name and name_key(line.company.name) != name:
            line.row.warnings.append(f"Ce SIRET est celui de « {line.company.name} » : ce nom est gardé.")
    elif fits:
        line.wrong("siret", "Plusieurs entreprises de l'établissement ont ce nom : indiquez le SIRET.")
    else:
        _say_what_is_missing(line)


def _say_what_is_missing(line: PeriodLine) -> None:
    """Says what a company that is not known yet lacks."""
    values = line.row.values
    for name, words in (("company", "le nom de l'entreprise"), ("city", "la ville de l'entreprise")):
        if not values.get(name):
            line.wrong(name, f"Cette entreprise n'est pas encore connue de l'établissement : indiquez {words}.")
    if not values.get("siret") and not (values.get("country") and values.get("address")):
        sentence = (
            "Cette entreprise n'est pas encore connue de l'établissement : indiquez son SIRET, ou, si elle n'en a pas, "
            "son pays et son adresse."
        )
        line.wrong("siret", sentence)


def find_known(lines: Iterable[PeriodLine], placements: Iterable[Placement]) -> None:
    """Sets, of each line, the period that the school has already: same candidate, company and dates. Says which overlap
    period there, and which stand twice in the list.
    """
    of_candidate: dict[ObjectId, list[Placement]] = {}
    for placement in placements:
        of_candidate.setdefault(placement.candidacy, []).append(placement)
    listed_at: dict[tuple[object, ...], int] = {}
    dated = [line for line in lines if line.candidacy and not line.row.errors.keys() & {"starts_on", "ends_on"}]
    dates_of: dict[ObjectId, set[tuple[str, str]]] = {}
    for line in dated:
        both = str(line.row.values.get("starts_on")), str(line.row.values.get("ends_on"))
        assert line.candidacy is not None
        dates_of.setdefault(line.candidacy.id, set()).add(both)
    for line in dated:
        assert line.candidacy is not None
        _compare(line, of_candidate.get(line.candidacy.id, []), dates_of[line.candidacy.id])
        dates = line.row.values.get("starts_on"), line.row.values.get("ends_on")
        company = line.company.id if line.company is not None else line.company_key
        first = listed_at.setdefault((line.candidacy.id, company, *dates), line.row.line)
        if first != line.row.line:
            line.wrong("row", f"Cette période est déjà celle de la ligne {first} : gardez une seule des deux.")


def _compare(line: PeriodLine, placements: list[Placement], others: set[tuple[str, str]]) -> None:
    """Compares a line with the periods of its candidate. others: the dates that other lines of the list give to periods
    of this candidate, which are not those of this line moved.
    """
    values = line.row.values
    starts_on, ends_on = str(values.get("starts_on")), str(values.get("ends_on"))
    there = [period for period in placements if line.company is not None and period.company == line.company.id]
    same = [period for period in there if (period.starts_on, period.ends_on) == (starts_on, ends_on)]
    if same:
        line.known = next((period for period in same if period.cancelled_at is None), same[0])
        if line.known.cancelled_at is not None:
            line.row.warnings.append(
                "Cette période a été annulée : elle n'est pas ajoutée de nouveau. Si elle a lieu, ajoutez-la à la page "
                "du candidat."
            )
        else:
            _differences(line, line.known)
        return
    live = [period for period in there if period.cancelled_at is None and _overlap(period, starts_on, ends_on)]
    if len(live) == 1 and not others & {(live[0].starts_on, live[0].ends_on)}:
        line.known = live[0]
        _differences(line, line.known)
        return
    for period in placements:
        if period.cancelled_at is None and _overlap(period, starts_on, ends_on):
            dates = f"du {_french(period.starts_on)} au {_french(period.ends_on)}"
            if period in there:
                sentence = f"Une période y est déjà enregistrée {dates} : corrigez ses dates à la page du candidat."
                line.wrong("starts_on", sentence)
            else:
                line.row.warnings.append(f"Cette période en recouvre une autre, {dates}, chez {period.company_name}.")


def _overlap(period: Placement, starts_on: str, ends_on: str) -> bool:
    return bool(period.starts_on <= ends_on and starts_on <= period.ends_on)


def _differences(line: PeriodLine, known: Placement) -> None:
    """Puts in the line what the list says otherwise of a known period: the dates, the days, the tutor."""
    values = line.row.values
    for name in ("starts_on", "ends_on"):
        if str(values.get(name)) != known[name]:
            line.differs[name] = [known[name], str(values.get(name))]
    says_days = "days" not in line.row.errors and (not line.counted or bool(line.differs))
    if says_days and str(values.get("days")) != str(known.days):
        line.differs["days"] = [str(known.days), str(values.get("days"))]
    listed = f"{values.get('tutor_given_names', '')} {values.get('tutor', '')}".strip()
    if listed and set(name_key(listed).split()) != set(name_key(known.tutor_name or "").split()):
        line.differs["tutor"] = [known.shown_tutor, listed]


def _french(day: str) -> str:
    """Returns an ISO day as JJ/MM/AAAA."""
    return f"{day[8:]}/{day[5:7]}/{day[:4]}"
