"""Teachers from a list, and whom each follows: compared with those of the school, then invited and named."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from bson import ObjectId

from portfolio.counting import many
from portfolio.documents import Candidacy, Person, School
from portfolio.documents.people import Role
from portfolio.enrolment import email_corrections
from portfolio.enrolment.enrol import set_followers
from portfolio.enrolment.lists.reading import ListRow, ReadList, UnreadLine, type_cells
from portfolio.enrolment.lists.tried import tried
from portfolio.enrolment.period_lists.matching import bears, name_words
from portfolio.enrolment.year_lists.teacher_columns import COLUMNS, is_professional
from portfolio.identifiers import name_key
from portfolio.identity.accounts import ANOTHER_NAME, AlreadyGranted, invite_to_school, is_named
from portfolio.policy.relations import Actor

_NO_TEACHERS = {"dir", "adf", "edu", "doc", "ope", "sec", "aed", "cpe"}  # functions of STS
FOLLOWS = "follows"
ADDRESS_WAITS = "L'adresse e-mail corrigée attend l'accord d'une autre personne."
_SEPARATORS = re.compile(r"[;,/|\n]| et ")


@dataclass(frozen=True)
class NamedFollowers:
    """Who follows a candidate since a list said so (person ids), and who did before."""

    candidacy: Candidacy
    before: list[ObjectId]
    after: list[ObjectId]


@dataclass
class TeacherLine:
    """A line and what it is about. known: the account that it names, of a teacher of the school or of somebody who has
    that address. teaches: they have the right already. follows: those whom the list says they follow. to_follow: of
    them, those whom nobody follows yet; taken: those whom others follow. repeats: the line that invites them.
    granted: the right that this line gave; named: whom it made follow whom.
    """

    row: ListRow
    known: Person | None = None
    teaches: bool = False
    follows: list[Candidacy] = field(default_factory=list)
    to_follow: list[Candidacy] = field(default_factory=list)
    taken: list[Candidacy] = field(default_factory=list)
    differs: dict[str, list[str]] = field(default_factory=dict)
    repeats: TeacherLine | None = None
    added: bool = False
    granted: ObjectId | None = None
    named: list[NamedFollowers] = field(default_factory=list)
    email_before: str | None = None

    @property
    def amendable(self) -> list[str]:
        """Returns the fields that differ and that the office may correct by this list."""
        able = ("email", FOLLOWS) if not self.row.errors else ()
        return [name for name in able if name in self.differs]

    @property
    def state(self) -> str:
        """Returns `added`, `corrected`, `wrong`, `known` or `ready`."""
        if self.added or self.email_before is not None:
            return "added" if self.added else "corrected"
        settled = (self.teaches or self.repeats is not None) and not self.to_follow
        return "wrong" if self.row.errors else "known" if settled else "ready"

    @property
    def name(self) -> str:
        return f"{self.row.values.get('given_names', '')} {self.row.values.get('family_name', '')}".strip()

    def wrong(self, name: str, sentence: str) -> None:
        self.row.errors.setdefault(name, []).append(sentence)


def compare_teachers(
    school: School, read: ReadList, enrolled: Sequence[Candidacy], typed: Mapping[int, Mapping[str, str]]
) -> tuple[ReadList, list[TeacherLine]]:
    """Returns the list, without those who do not teach, and its lines compared with the teachers of the school. typed:
    line -> {field: cell as corrected}. Three queries at most, whatever the length.
    """
    kept: list[TeacherLine] = []
    left: list[UnreadLine] = []
    for row in read.rows:
        function = str(row.values.get("function", ""))
        if name_key(function) in _NO_TEACHERS:
            words = " ; ".join(str(value) for value in row.values.values() if value)[:80]
            left.append(UnreadLine(row.line, words, f"Fonction « {function} » : cette personne n'enseigne pas."))
        else:
            type_cells(row, COLUMNS, typed.get(row.line, {}))
            kept.append(TeacherLine(row))
    if kept:
        _find_known(school, kept)
        _find_followed(kept, enrolled)
    return replace(read, rows=[line.row for line in kept], left_out=[*read.left_out, *left]), kept


def _find_known(school: School, lines: list[TeacherLine]) -> None:
    """Sets the account of each line, whether they teach here, and what is missing or differs."""
    live = {"role": Role.TEACHER, "school": school.id, "revoked_at": None}
    here = list(Person.objects(__raw__={"grants": {"$elemMatch": live}}))
    addresses = sorted({str(line.row.values.get("email", "")) for line in lines} - {""})
    by_address = {person.email: person for person in Person.objects(email__in=addresses)} if addresses else {}
    teaching = {person.id for person in here}
    first_of: dict[str, TeacherLine] = {}
    for line in lines:
        values = line.row.values
        says_so = "teaches_profession" in values
        values.setdefault("teaches_profession", is_professional(str(values.get("subjects", ""))))
        if line.row.errors.keys() & {"family_name", "given_names", "email"}:
            continue
        line.known = by_address.get(values.get("email")) if values.get("email") else _only_namesake(line, here)
        if line.known is None and values.get("email"):
            _compare_address(line, _only_namesake(line, here))
        if line.known is None and not values.get("email"):
            line.wrong("email", "L'adresse e-mail manque : sans elle, ce professeur ne peut pas être invité.")
        elif line.known is not None and not _is_named(line, line.known):
            line.wrong("email", ANOTHER_NAME)
            line.known = None
        line.teaches = line.known is not None and line.known.id in teaching
        if line.teaches:
            _compare_profession(line, school.id, says_so)
        line.repeats = first_of.setdefault(
            str(line.known.id if line.known else values.get("email", line.row.line)), line
        )
        line.repeats = None if line.repeats is line else line.repeats
        if line.repeats is not None and name_key(line.repeats.name) != name_key(line.name):
            line.wrong("email", f"La ligne {line.repeats.row.line} a la même adresse sous un autre nom.")


def _only_namesake(line: TeacherLine, here: Iterable[Person]) -> Person | None:
    """Returns the one teacher of the school who has the names of a line without address; None where several do."""
    fits = [person for person in here if _is_named(line, person)]
    return fits[0] if len(fits) == 1 else None


def _compare_address(line: TeacherLine, namesake: Person | None) -> None:
    """Takes a line whose address nobody has as that of the teacher of the school who has its names, of whom the list
    says another address; says what to do where they are two people.
    """
    if namesake is None or namesake.email is None:
        return
    line.known = namesake
    line.differs["email"] = [namesake.email, str(line.row.values["email"])]
    line.row.warnings.append(
        "Un professeur de ce nom est déjà là sous une autre adresse. Si c'est une autre personne, invitez-la à la page "
        "des comptes."
    )


def _is_named(line: TeacherLine, person: Person) -> bool:
    values = line.row.values
    return is_named(person, str(values["given_names"]), str(values["family_name"]))


def _compare_profession(line: TeacherLine, school: ObjectId, says_so: bool) -> None:
    """Puts in the line whether the list says otherwise than the right of a teacher of the school. says_so: by the list;
    what was guessed is no difference.
    """
    granted = line.known.live_grants if line.known is not None else []
    grants = [grant for grant in granted if grant.role == Role.TEACHER and grant.school == school]
    here, listed = any(grant.teaches_profession for grant in grants), line.row.values["teaches_profession"] is True
    if says_so and here != listed:
        line.differs["teaches_profession"] = ["oui" if here else "non", "oui" if listed else "non"]
    line.row.values["teaches_profession"] = here


def _find_followed(lines: list[TeacherLine], enrolled: Sequence[Candidacy]) -> None:
    """Sets whom each line follows, and which of them nobody, or others only, follow."""
    in_ccf = [candidacy for candidacy in enrolled if candidacy.in_ccf]
    of_class: dict[str, list[Candidacy]] = defaultdict(list)
    for candidacy in in_ccf:
        if candidacy.division:
            of_class[name_key(candidacy.division)].append(candidacy)
    for line in lines:
        for word in filter(None, map(str.strip, _SEPARATORS.split(str(line.row.values.get("follows", ""))))):
            named = of_class.get(name_key(word)) or [
                candidacy for candidacy in in_ccf if bears(candidacy, name_words(word))
            ]
            if not named:
                line.wrong("follows", f"« {word} » n'est ni une classe ni un candidat de cette session.")
            elif len(named) > 1 and name_key(word) not in of_class:
                line.wrong("follows", f"Plusieurs candidats s'appellent « {word} » : nommez-les à leur page.")
            else:
                line.follows += [candidacy for candidacy in named if candidacy not in line.follows]
        line.to_follow = [candidacy for candidacy in line.follows if not candidacy.followers]
        mine = line.known.id if line.known else None
        line.taken = [
            candidacy for candidacy in line.follows if candidacy.followers and mine not in candidacy.followers
        ]
        if line.taken:
            named_so = many(len(line.taken), "candidat suivi", "candidats suivis")
            line.differs["follows"] = [f"{named_so} par d'autres", f"{line.name}"]


# --- writing --------------------------------------------------------------------------------------


def add_teachers(
    by: Actor, school: School, lines: list[TeacherLine], amend: Mapping[int, Sequence[str]], at: datetime
) -> None:
    """Invites each teacher of a line that is right and not known yet, as the form of accounts does, corrects the
    addresses that are asked, then names those whom each follows. amend: line -> fields that differ and are to be as the
    list says; FOLLOWS, of those whom others follow. A line that is refused says why, and keeps no other out. Raises
    Unavailable.
    """
    for line in lines:
        if line.state == "ready" and not line.teaches and line.repeats is None:
            tried(line.row, partial(_invite, by, school, line, at), _column_of)
        if "email" in amend.get(line.row.line, ()) and "email" in line.amendable:
            tried(line.row, partial(_move, by, line, at), _column_of)
    taking = {line.row.line for line in lines if FOLLOWS in amend.get(line.row.line, ())}
    _follow(by, lines, taking, at)


def _move(by: Actor, line: TeacherLine, at: datetime) -> None:
    """Corrects the address of a known teacher, as the form of their account does: at once, or once another agrees."""
    assert line.known is not None
    before, listed = line.known.email, str(line.row.values["email"])
    email_corrections.correct(by, line.known, listed, at)
    if line.known.email != listed:
        line.row.warnings.append(ADDRESS_WAITS)
        return
    line.email_before = before
    line.differs.pop("email")


def _invite(by: Actor, school: School, line: TeacherLine, at: datetime) -> None:
    values = {name: line.row.values.get(name) for name in ("family_name", "given_names", "email")}
    values |= {"role": Role.TEACHER, "teaches_profession": line.row.values["teaches_profession"] is True}
    try:
        line.known = invite_to_school(by, school, values, at)
        teaches = [grant for grant in line.known.live_grants if grant.role == Role.TEACHER]
        line.granted = next(grant.id for grant in teaches if grant.school == school.id)
    except AlreadyGranted:  # meanwhile, by somebody else
        line.known = Person.objects(email=values["email"]).first()
    line.teaches = line.added = True


def _follow(by: Actor, lines: list[TeacherLine], taking: Set[int], at: datetime) -> None:
    """Names, of each candidate, all the teachers whom the lines say, in one act. taking: lines whose teachers follow
    those whom others follow.
    """
    by_candidate: dict[ObjectId, list[TeacherLine]] = defaultdict(list)
    candidates: dict[ObjectId, Candidacy] = {}
    for line in lines:
        if line.row.errors or (line.known is None and line.repeats is None):
            continue
        for candidacy in [*line.to_follow, *(line.taken if line.row.line in taking else [])]:
            by_candidate[candidacy.id].append(line)
            candidates[candidacy.id] = candidacy
    for key, following in by_candidate.items():
        people = [(line.repeats or line).known for line in following]
        wanted = list(dict.fromkeys(person.id for person in people if person is not None))
        before = list(candidates[key].followers)
        naming = partial(set_followers, by, candidates[key], wanted, at)
        if tried(following[0].row, naming, _column_of):
            following[0].named.append(NamedFollowers(candidates[key], before, wanted))
            for line in following:
                line.added = True
                line.to_follow = [candidacy for candidacy in line.to_follow if candidacy.id != key]
                line.taken = [candidacy for candidacy in line.taken if candidacy.id != key]
    for line in lines:
        if not line.taken:
            line.differs.pop(FOLLOWS, None)


def _column_of(field: str) -> str:
    column = FOLLOWS if field == "followers" else field
    return column if column in COLUMNS else "row"
