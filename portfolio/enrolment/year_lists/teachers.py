"""Teachers from a list, and whom each follows: compared with those of the school."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bson import ObjectId

from portfolio.counting import many
from portfolio.documents import Candidacy, Person, School
from portfolio.documents.people import Role
from portfolio.enrolment.lists.reading import ListRow, ReadList, UnreadLine, type_cells
from portfolio.enrolment.period_lists.matching import bears, name_words
from portfolio.enrolment.year_lists.teacher_columns import COLUMNS, is_professional
from portfolio.identifiers import name_key
from portfolio.identity.accounts import ANOTHER_NAME, is_named

_NO_TEACHERS = {"dir", "adf", "edu", "doc", "ope", "sec", "aed", "cpe"}  # functions of STS
FOLLOWS, TEACHES = "follows", "teaches_profession"
YES, NO = "oui", "non"
NAMES = ("family_name", "given_names")
OTHER_ADDRESS = (
    "Un professeur de ce nom est déjà là sous une autre adresse. Si c'est une autre personne, invitez-la à la page des "
    "comptes."
)
NO_ADDRESS = (
    "Un professeur de ce nom est déjà là sans adresse. Si c'est une autre personne, invitez-la à la page des comptes."
)
CALLED = (
    "Cette adresse est celle d'un professeur qui a un autre nom ici. Si c'est la même personne, cochez la correction "
    "du nom ; sinon, corrigez l'adresse."
)
_TELLING = {"family_name", "given_names", "email"}
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
    completes: an address, where none was known: field -> value. granted: the right that this line gave; named: whom it
    made follow whom; before, after: what it corrected, field -> value.
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
    completes: dict[str, str] = field(default_factory=dict)
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)

    @property
    def amendable(self) -> list[str]:
        """Returns the fields that differ and that the office may correct by this list."""
        able = ("email", *NAMES, TEACHES, FOLLOWS) if not self.row.errors else ()
        return [name for name in able if name in self.differs]

    @property
    def called_otherwise(self) -> bool:
        """Returns True while the account that has the address bears other names: the line may be of somebody else."""
        return any(name in self.differs for name in NAMES)

    @property
    def unsure(self) -> bool:
        """Returns whether this may be somebody else than the known teacher: the address, or the names, are others."""
        return self.called_otherwise or "email" in self.differs

    @property
    def state(self) -> str:
        """Returns `added`, `corrected`, `wrong`, `known`, `differs` (they may be somebody else, who would follow
        candidates) or `ready`.
        """
        if self.added or self.before:
            return "added" if self.added else "corrected"
        if self.row.errors:
            return "wrong"
        if self.completes or not (self.teaches or self.repeats is not None):
            return "ready"
        return "known" if not self.to_follow else "differs" if self.unsure else "ready"

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
    for line in lines:
        says_so = TEACHES in line.row.values
        line.row.values.setdefault(TEACHES, is_professional(str(line.row.values.get("subjects", ""))))
        if not line.row.errors.keys() & _TELLING:
            _find_account(line, by_address, here)
            line.teaches = line.known in here
        if line.teaches:
            _compare_profession(line, school.id, says_so)
    _find_repeated([line for line in lines if not line.row.errors.keys() & _TELLING])


def _find_account(line: TeacherLine, by_address: Mapping[str | None, Person], here: Sequence[Person]) -> None:
    """Sets the account of a line: by its address, else by its names among the teachers of the school."""
    listed = line.row.values.get("email")
    namesakes = [person for person in here if _is_named(line, person)]
    line.known = by_address.get(str(listed)) if listed else None
    if line.known is not None and line.known in here:
        _compare_names(line, line.known)
    elif line.known is not None and not _is_named(line, line.known):
        line.wrong("email", ANOTHER_NAME)
        line.known = None
    elif line.known is None and len(namesakes) == 1:
        _compare_address(line, namesakes[0])
    elif line.known is None and namesakes and not listed:
        line.wrong("email", "Plusieurs professeurs de ce nom enseignent ici : indiquez l'adresse e-mail.")


def _compare_names(line: TeacherLine, known: Person) -> None:
    """Says how the list calls otherwise the teacher who has its address."""
    for name in NAMES:
        if name_key(str(line.row.values[name])) != name_key(known[name]):
            line.differs[name] = [known[name], str(line.row.values[name])]
    if line.called_otherwise:
        line.row.warnings.append(CALLED)


def _compare_address(line: TeacherLine, namesake: Person) -> None:
    """Takes a line without address, or whose address nobody has, as that of the teacher of the school who has its
    names; says what to do where they are two people.
    """
    listed, line.known = line.row.values.get("email"), namesake
    if not listed:
        return
    if namesake.email is None:
        line.completes["email"] = str(listed)
    else:
        line.differs["email"] = [namesake.email, str(listed)]
    line.row.warnings.append(OTHER_ADDRESS if namesake.email else NO_ADDRESS)


def _find_repeated(lines: Sequence[TeacherLine]) -> None:
    """Sets, of each line about somebody of whom another line is, the one that invites them: that of their address. Says
    of a line that its names, or its address, are those of two people.
    """
    addresses: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        addresses[name_key(line.name)] |= {str(line.row.values.get("email") or "")} - {""}
    first_of: dict[str, TeacherLine] = {}
    for line in sorted(lines, key=lambda line: not line.row.values.get("email")):
        name = name_key(line.name)
        of_name = addresses[name] if line.known is None and not line.row.values.get("email") else set()
        if len(of_name) > 1:
            line.wrong("email", "Plusieurs lignes ont ce nom, à des adresses différentes : indiquez laquelle.")
            continue
        who = str(line.known.id) if line.known else str(line.row.values.get("email") or next(iter(of_name), name))
        first = first_of.setdefault(who, line)
        line.repeats = None if first is line else first
        if line.repeats is not None and name_key(line.repeats.name) != name:
            line.wrong("email", f"La ligne {line.repeats.row.line} a la même adresse sous un autre nom.")
        if line.repeats is not None and line.completes:
            _complete_once(line, line.repeats)


def _complete_once(line: TeacherLine, first: TeacherLine) -> None:
    """Leaves to the first line what both would note of a teacher, and refuses another address."""
    if line.completes != first.completes:
        line.wrong("email", f"La ligne {first.row.line} dit une autre adresse pour la même personne : gardez-en une.")
    line.completes.clear()


def _is_named(line: TeacherLine, person: Person) -> bool:
    values = line.row.values
    return is_named(person, str(values["given_names"]), str(values["family_name"]))


def _compare_profession(line: TeacherLine, school: ObjectId, says_so: bool) -> None:
    """Puts in the line whether the list says otherwise than the right of a teacher of the school. says_so: by the list;
    what was guessed is no difference.
    """
    granted = line.known.live_grants if line.known is not None else []
    grants = [grant for grant in granted if grant.role == Role.TEACHER and grant.school == school]
    here, listed = any(grant.teaches_profession for grant in grants), line.row.values[TEACHES] is True
    if says_so and here != listed:
        line.differs[TEACHES] = [YES if here else NO, YES if listed else NO]
    line.row.values[TEACHES] = here


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
