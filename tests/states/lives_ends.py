"""How a year ends for people, in any order: a commission is convened, moved, cancelled, its members are replaced; a
candidate repeats, and takes chosen pieces into the new session.
"""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from portfolio.commission import amend, convene
from portfolio.documents import Candidacy, Commission, Evidence, Person, Portfolio, School
from portfolio.enrolment import enrol
from portfolio.sign_offs.reuse import taking
from tests.states import lives_taken
from tests.states.lives_school import CANDIDACY, PERSON, TEACHER, WHY, SchoolLived, among
from tests.support.clock import MEETS_AT
from tests.support.lives.repeating import NEXT


def convened() -> list[ObjectId]:
    return list(Commission.objects(state="convened").order_by("id").scalar("id"))


COMMISSION = among(lambda _: convened())


class EndsLived(SchoolLived):
    # --- commissions ------------------------------------------------------------------------------

    @rule(key=CANDIDACY, second=PERSON)
    def convene(self, key: ObjectId, second: Person) -> None:
        candidacy = self.candidacy(key)
        for follower in candidacy.followers[:1]:
            values = {"meets_at": MEETS_AT, "place": "Salle B12", "professor": follower, "second": second.id}
            self.lived(convene.convene, self.office_of(candidacy), candidacy, values)

    @precondition(lambda _: convened())
    @rule(key=COMMISSION, seat=st.sampled_from([0, 1]), arriving=PERSON)
    def replace_member(self, key: ObjectId, seat: int, arriving: Person) -> None:
        commission = Commission.objects.get(pk=key)
        values = {"leaving": commission.members[seat], "arriving": arriving.id, "reason": WHY, "tutor_absence": None}
        self.lived(amend.replace_member, self.office_of(commission), commission, values)

    @precondition(lambda _: convened())
    @rule(key=COMMISSION)
    def move_commission(self, key: ObjectId) -> None:
        commission = Commission.objects.get(pk=key)
        self.lived(amend.move, self.office_of(commission), commission, MEETS_AT, "Salle A1")

    @precondition(lambda _: convened())
    @rule(key=COMMISSION)
    def cancel_commission(self, key: ObjectId) -> None:
        commission = Commission.objects.get(pk=key)
        self.lived(amend.cancel, self.office_of(commission), commission, WHY)

    # --- repeating --------------------------------------------------------------------------------

    @rule(key=CANDIDACY, teacher=TEACHER, all_of_them=st.booleans())
    def repeat(self, key: ObjectId, teacher: Person, all_of_them: bool) -> None:
        earlier = self.candidacy(key)
        if earlier.session != NEXT:
            again = Candidacy.objects(person=earlier.person, session=NEXT).first()
            again = again or self.enrolled_again(earlier, teacher)
            if again is not None and Portfolio.objects(pk=again.id).first() is not None:
                self.take(earlier, again, all_of_them)

    def enrolled_again(self, earlier: Candidacy, teacher: Person) -> Candidacy | None:
        self.world.count += 1
        told = ("birth_name", "given_names", "birth_date", "status")
        values: dict[str, Any] = {name: earlier[name] for name in told} | {"session": NEXT}
        values |= {"candidate_number": f"02{self.world.count:09d}"}
        values |= {"email": Person.objects.get(pk=earlier.person).email}
        made = self.lived(enrol.enrol, self.office_of(earlier), School.objects.get(pk=earlier.school), values)
        if made is not None:
            assert made.person == earlier.person
            self.candidacies.append(made.id)
            self.lived(enrol.set_followers, self.office_of(made), made, [teacher.id])
        return None if made is None else self.candidacy(made.id)

    def take(self, earlier: Candidacy, again: Candidacy, all_of_them: bool) -> None:
        pieces = list(Evidence.objects(candidacy=earlier.id, withdrawn_at=None).order_by("id"))
        chosen = [piece for piece in pieces if all_of_them or piece.activity is not None]
        as_they_were = [lives_taken.as_it_was(piece) for piece in chosen]
        portfolio = Portfolio.objects.get(pk=again.id)
        by = self.by(Person.objects.get(pk=again.person))
        made = self.lived(taking.reuse, by, portfolio, [piece.id for piece in chosen])
        for piece, was in zip(made or (), as_they_were if made else (), strict=True):
            if piece.id not in self.pieces:
                self.pieces[piece.id], self.taken[piece.id] = again.id, was
                if piece.activity is not None and piece.activity not in self.activities:
                    self.activities.append(piece.activity)
