"""Two schools at work in one store: one of everything that an address can name, and everybody who may ask for it.

Built once by the real verbs, then put back as it was before each test.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import WriteConcern

import migrations
from portfolio.commission import office_outcomes
from portfolio.documents import (
    KINDS,
    AccountChange,
    Activity,
    Attestation,
    CertificateFile,
    EliminationSlip,
    EvidenceFile,
    ListImport,
    MadeCircular,
    Person,
    Placement,
    SignIn,
    Submission,
    Transfer,
    Unpacking,
)
from portfolio.documents.eliminations import SlipLine
from portfolio.documents.fields import place_of
from portfolio.documents.places import WrittenKind, WrittenRow
from portfolio.enrolment import email_corrections, institutions
from portfolio.enrolment.certificates import deposits
from portfolio.enrolment.circulars import annex, made
from portfolio.enrolment.rosters import roster_import
from portfolio.evidence import class_results, feedback
from portfolio.ids import new_id
from portfolio.jury import reserves
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import paper
from portfolio.store.connections import Connections
from tests.support.worlds import commissions, juries
from tests.support.worlds.two_exams import Z9
from tests.support.worlds.world import PDF, World

SIGN_IN_COUNTS = ("attempts",)
CSV = "Nom;Prénom;Date de naissance;N° candidat;Statut;Courriel\nMartin;Luc;2005-03-01;0299;scolaire;luc@exemple.fr\n"
ADDED_BY_LIST = {"name": "Mutuelle des Monts", "city": "Lyon", "siret": "95825379100015"}
REALITY = "Les relances ont été faites sur les dossiers réels de l'agence, seules puis accompagnées."


class Everything:
    """ours: people of the school at work, by what they are there; strangers: people of elsewhere.

    things: {path parameter: the thing of our school that it names}. secret: ids, addresses and names of our people and
    candidates, in bytes.
    """

    def __init__(self, store: Connections, clock: Callable[[], datetime]) -> None:
        self.store, self.clock = store, clock
        self.world = World(clock)
        self.world.__dict__["candidacy"] = self.world.new_candidacy(birth_name="Quincampoix", given_names="Zénobie")
        self.things: dict[str, Any] = {}
        self._candidate_at_work()
        self._published_classmate()
        self.ours = self._ours()
        self.secret = self._secret()
        self.strangers = self._strangers()
        at = clock()
        self.tokens = {who: World.token_for(person, at) for who, person in (self.ours | self.strangers).items()}
        self.things["sign_in_id"] = SignIn.objects(person=self.ours["candidate"].id).first()
        self.keep()

    # --- our school -------------------------------------------------------------------------------

    def _candidate_at_work(self) -> None:
        """Their sheet is transmitted: everything that comes before it is there."""
        world = self.world
        piece = world.new_piece(title="Relance de Quincampoix")
        world.upload(piece)
        world.sign_off()
        evaluation = reality.write(world.actor(world.follower), world.placement, REALITY, self.clock())
        given = feedback.give(world.actor(world.follower), piece, 1, "Montrez la relance envoyée.", self.clock())
        roster = roster_import.preview(
            world.actor(world.office), world.school, world.session, CSV.encode(), self.clock()
        )
        sheet = commissions.transmitted(world)
        self.things |= {
            "academy_id": world.academy,
            "school_id": world.school,
            "jury_id": world.jury,
            "account_change_id": self._waits(),
            "person_id": world.follower,
            "roster_id": roster,
            "list_id": self._written(),
            "candidacy_id": world.candidacy,
            "portfolio_id": world.portfolio,
            "proposed_id": world.propose_placement(),
            "activity_id": Activity.objects.get(pk=world.activity.id),
            "evidence_id": type(piece).objects.get(pk=piece.id),
            "feedback_id": given,
            "file_id": EvidenceFile.objects.get(evidence=piece.id),
            "attestation_id": Attestation.objects(activity=world.activity.id, seat="tutor").first(),
            "evaluation_id": evaluation,
            "scan_id": paper.deposit_scan(world.actor(world.follower), world.placement, PDF, None, self.clock()),
            "certificate_id": self._certificate(),
            "submission_id": Submission.objects.get(candidacy=world.candidacy.id),
            "commission_id": commissions.Commission.objects.get(pk=sheet.commission),
            "grid_id": commissions.grid_of(commissions.Commission.objects.get(pk=sheet.commission), world.follower),
            "sheet_id": sheet,
            "reserve_id": reserves.place(
                world.actor(world.jury_member), world.candidacy, {"reason": "Dossier recopié"}, self.clock()
            ),
            "circular_id": self._circular_in_hand(),
            "transfer_id": self._transfer(),
        }
        self._unpacking(self.things["file_id"])

    def _unpacking(self, file: EvidenceFile) -> None:
        """An archive of the candidate that was unpacked, found by its number."""
        place = {name: getattr(file, name) for name in ("candidacy", "school", "academy", "exam", "session")}
        at, person = self.clock(), self.world.candidate.id
        brought = {"person": person, "file": file.id, "name": "travaux.zip", "number": 1, "done_at": at}
        Unpacking(id=new_id(), created_at=at, **place, **brought, expires_at=at + timedelta(days=60)).save()

    def _written(self) -> ListImport:
        """A list that added a company, where nobody is."""
        added = institutions.add_company(
            self.world.actor(self.world.office), self.world.school, ADDED_BY_LIST, self.clock()
        )
        row = WrittenRow(kind=WrittenKind.COMPANY, thing=added.id, label=f"{added.name}, {added.city}")
        place = {"school": self.world.school.id, "session": self.world.session}
        return ListImport(id=new_id(), created_at=self.clock(), rows=[row], **place).save()

    def _transfer(self) -> Transfer:
        """As if it had been proposed before the sheet: within the school, whose office reads both its sides."""
        one = self.world.candidacy
        asked = {"to_school": one.school, "candidate_name": one.display_name, "on": "2027-01-04", "reason": "Famille"}
        return Transfer(id=new_id(), created_at=self.clock(), **place_of(one), **asked).save()

    def _certificate(self) -> CertificateFile:
        """Deposited by the candidate; its period is named as it is since."""
        placement = Placement.objects.get(pk=self.world.placement.id)
        file = deposits.deposit(self.world.actor(self.world.candidate), placement, PDF, "certificat.pdf", self.clock())
        self.things["placement_id"] = placement
        return file

    def _circular_in_hand(self) -> MadeCircular:
        """In preparation, with its annex: what is asked of it is asked of a draft."""
        inspector = self.world.actor(self.world.inspector)
        draft = made.begin(inspector, self.world.session, self.clock())
        return annex.deposit(inspector, draft, PDF, "annexe.pdf", self.clock())

    def _waits(self) -> AccountChange:
        """A second administrator would move the address of somebody of the office: juries and offices read it."""
        world = self.world
        second = world.person("Seconde", world.grant("administrator"))
        self.moved = world.new_office(world.school)
        email_corrections.correct(world.actor(second), self.moved, "autre.bureau@exemple.fr", self.clock())
        Person.objects(pk=second.id).delete()
        return AccountChange.objects.get(person=self.moved.id)

    def _published_classmate(self) -> None:
        world = self.world
        self.classmate = world.new_candidacy(birth_name="Quincampoix-Lévy", given_names="Karim")
        self.second_placement = world.new_placement(self.classmate)
        juries.decide(world, juries.sheet_of(world, candidacy=self.classmate, mark="13.5"), "13.5")
        juries.publish(world, leaving_out="Un portfolio arrive d'un autre centre")
        self._kept_mark()
        values = {"title": "QCM", "produced_on": "2026-06-02", "maximum": "20", "competences": ["C1"], "criteria": []}
        values |= {"results": [{"candidacy": self.classmate.id, "score": "15"}]}
        class_results.record_check(world.actor(world.follower), world.school, values, self.clock())
        self._slip()

    def _kept_mark(self) -> None:
        """A candidate whom nobody appraises: the office recorded it, the jury has not decided."""
        world = self.world
        kept = {"outcome": "mark_kept", "kept_mark": "12", "kept_session": "2025", "reference": "Relevé de 2025"}
        self.third = world.new_candidacy(birth_name="Quincampoix-Roux", given_names="Ada")
        outcome = office_outcomes.record_outcome(world.actor(world.office), self.third, kept, self.clock())
        self.things["outcome_id"] = outcome

    def _slip(self) -> None:
        """As if years had gone by: one that was carried out, so that each of its papers is there."""
        one, at = self.classmate, self.clock()
        line = SlipLine(candidacy=one.id, candidate_number=one.candidate_number, published_at=at, earliest=at)
        line.files = line.octets = 0
        line.eliminated_on = "2027-01-12"
        visa = {"visa_reference": "AD69-14", "visa_on": "2027-01-12", "visa_by": "La directrice des archives"}
        visa |= {"state": "done", "started_by": "system", "started_at": at, "done_at": at}
        days = {"first_day": "2027-01-12", "last_day": "2027-01-12"}
        place = {name: getattr(one, name) for name in ("school", "academy", "exam", "session")}
        papers = {"number": "0690026D-2027-E01", "rule": "Un an.", "circular": "2027, version 1", "lines": [line]}
        self.things["slip_id"] = EliminationSlip(id=new_id(), created_at=at, **place, **days, **papers, **visa).save()

    def _ours(self) -> dict[str, Person]:
        world = self.world
        return {
            "candidate": world.candidate,
            "classmate": Person.objects.get(pk=self.classmate.person),
            "tutor who sits": world.tutor,
            "classmate's tutor": Person.objects.get(pk=self.second_placement.tutor),
            "follower who sits": world.follower,
            "professional teacher": world.second_teacher,
            "teacher": world.new_teacher(world.school, teaches_profession=False),
            "office": world.office,
            "jury": world.jury_member,
            "inspector": world.inspector,
            "support": world.support,
            "exam_service": world.exam_service,
            "administrator": world.administrator,
        }

    def _secret(self) -> list[bytes]:
        ids = [thing.id for kind in KINDS.values() if kind.__name__ not in PLACES for thing in kind.objects.only("id")]
        # The administrator is nobody's in particular, and is everybody's.
        ids.remove(self.world.administrator.id)
        ids.remove(self.moved.id)
        # A circular is national: whoever inspects an academy for the session makes it.
        ids.remove(self.things["circular_id"].id)
        addresses = [person.email for person in Person.objects if person.id in ids]
        return [str(one).encode() for one in (*ids, *addresses, "Quincampoix", "Zénobie")]

    # --- elsewhere --------------------------------------------------------------------------------

    def _strangers(self) -> dict[str, Person]:
        """A school of the same academy; juries, inspectors, exam services of another session, academy or exam."""
        world, other = self.world, World(self.clock)
        other.count = 500  # addresses and candidate numbers of their own
        for shared in ("administrator", "academy"):
            other.__dict__[shared] = getattr(world, shared)
        other.__dict__["school"] = other.new_school("0691644M")
        other.new_piece()
        institutions.create_academy(
            world.actor(world.administrator), {"code": "01", "name": "Paris", "timezone": "Europe/Paris"}, self.clock()
        )
        here = {"academy": "10", "session": "2027"}
        regions = {"session": {"session": "2028"}, "academy": {"academy": "01"}, "exam": {"exam": Z9}}
        appointed = {
            f"{role} of another {what}": other.person("Loin", other.grant(role, **here | apart))
            for what, apart in regions.items()
            for role in ("jury", "inspector", "exam_service")
        }
        appointed["support of another academy"] = other.person("Loin", other.grant("support", academy="01"))
        return appointed | {
            "another school's candidate": other.candidate,
            "another school's tutor": other.tutor,
            "another school's teacher": other.follower,
            "another school's office": other.office,
        }

    # --- as it was --------------------------------------------------------------------------------

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Every document of every collection, but for the counts of failed sign-ins."""
        database = self.store.database
        names = [name for name in database.list_collection_names() if not name.startswith("system.")]
        kept = sorted(set(names) - {migrations.RECORD, *SIGN_IN_COUNTS})
        return {name: list(database[name].find().sort("_id", 1)) for name in kept}

    def keep(self) -> None:
        """From now on, `restore` puts it back as it is today."""
        self._stored = self.dump()
        self._digests = self._digested()
        files = EvidenceFile.objects(state="verified")
        self._objects = {one.key: b"".join(self.store.storage.open(one.key)) for one in files}

    def _digested(self) -> dict[str, str]:
        """Of each collection, as the server sees it: what is the same need not be put back."""
        found: dict[str, str] = self.store.database.command("dbHash")["collections"]
        return found

    def restore(self) -> None:
        """Puts every document back. One majority write at the end makes those before it visible to everybody."""
        self.store.written.clear()
        database, found = self.store.database, self._digested()
        for name, documents in self._stored.items():
            if found.get(name) == self._digests[name]:
                continue
            collection = database[name].with_options(write_concern=WriteConcern(w=1))
            collection.delete_many({})
            if documents:
                collection.insert_many(documents)
        for key, octets in self._objects.items():
            if self.store.storage.head(key) is None:  # other tests empty the bucket
                self.store.storage.put(key, octets, "application/octet-stream")
        for name in SIGN_IN_COUNTS:
            database[name].delete_many({})
        database.request_keys.insert_one({"_id": str(ObjectId())})


# Read by every jury and office of the academy, as what is told of rights and accounts is.
PLACES = ("Academy", "School", "Jury", "AccountChange")
