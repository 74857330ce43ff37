"""All that one person signs at once: one commit, one receipt, each answer bound to what was shown of its activity."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import Activity, Attestation, Candidacy, Link, Person, Placement
from portfolio.enrolment import placements
from portfolio.errors import Forbidden, Invalid
from portfolio.identity import links
from portfolio.identity.client_fingerprint import origin
from portfolio.identity.sign_ins import signed_in
from portfolio.ids import new_id
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering import answers, record
from portfolio.sign_offs.answering.content import shown_of
from portfolio.sign_offs.answering.inbox import minutes_to_answer
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.sign_offs.asking import objections, requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.queries import counted
from tests.support.worlds.signing import ask, edit, fresh
from tests.support.worlds.world import World

MANY = 25


def activities(world: World, count: int) -> list[Activity]:
    """With one piece each, and asked of the tutor."""
    made = [world.new_activity() for _ in range(count)]
    for number, activity in enumerate(made):
        world.new_piece(activity, title=f"Lettre {number}")
        ask(world, activity=activity)
    return [fresh(one) for one in made]


def answers_on(made: list[Activity], said: str = "confirmed", seat: str = "tutor", **more: Any) -> list[record.Answer]:
    seen = shown_of(made, seat)
    return [record.Answer(one, seat, said, seen[one.id].digest, **more) for one in made]


def by_link(world: World, person: Person, clock: Clock, row: Any = None) -> Actor:
    token = links.issue(person.id, "sign_off", clock(), row_id=row)
    _, visit = links.open_link(token, origin("198.51.100.7", "Safari"), clock())
    found = signed_in(visit, clock())
    assert found is not None
    return found


@pytest.mark.parametrize(("count", "minutes"), [(0, 1), (1, 1), (2, 1), (12, 5), (35, 12)])
def test_the_minutes_that_are_announced_grow_with_what_is_asked(count: int, minutes: int) -> None:
    assert minutes_to_answer(count) == minutes


def test_one_act_answers_every_request_and_says_how_the_tutor_came(
    world: World, store: Connections, clock: Clock
) -> None:
    made, row = activities(world, 3), new_id()
    by = by_link(world, world.tutor, clock, row)
    opened = clock()
    clock.advance(seconds=50)
    signed = answers.answer_many(by, answers_on(made), "Dominique Martin-Roy", None, clock())
    kept = list(Attestation.objects.order_by("id"))
    assert [one.id for one in kept] == [one.id for one in signed]
    assert {(one.state, one.channel, one.mail, one.opened_at) for one in kept} == {("confirmed", "link", row, opened)}
    assert {(one.signer_name, one.signer_function) for one in kept} == {
        ("Dominique Martin-Roy", "Responsable d'agence")
    }
    assert len({one.act for one in kept}) == 1 and kept[0].act is not None
    chain = f"portfolio:{world.candidacy.id}"
    assert Link.objects(chain=chain, name="sign_off_answered").count() == 3
    assert list(verify([chain])) == []
    (row_of_receipt,) = store.database.outbox.find({"kind": "sign_off_receipt"})
    assert row_of_receipt["payload"] == {"act": kept[0].act, "person": world.tutor.id}
    assert {one.tutor.status for one in sign_offs(world.candidacy.id).activities} == {"confirmed"}


def test_twenty_five_activities_are_one_commit_and_as_many_reads_as_one(
    world: World, store: Connections, clock: Clock
) -> None:
    few, many = activities(world, 1), activities(world, MANY)
    by = world.actor(world.tutor)
    with counted(store.database) as reading_few:
        shown_of(few, "tutor")
    with counted(store.database) as reading_many:
        said = answers_on(many)
    assert reading_few == reading_many
    answers.answer_many(by, said, None, None, clock())
    assert Attestation.objects(state="confirmed").count() == MANY
    assert Link.objects(name="sign_off_answered").count() == MANY


def test_what_changed_since_it_was_read_leaves_nothing_signed(world: World, clock: Clock) -> None:
    made = activities(world, 2)
    said = answers_on(made)
    edit(world, world.new_piece(made[1], title="Ajoutée après"))
    with pytest.raises(record.ShownHasChanged):
        answers.answer_many(world.actor(world.tutor), said, None, None, clock())
    assert Attestation.objects(state="requested").count() == 2


def test_every_answer_to_correct_is_named(world: World, clock: Clock) -> None:
    made = activities(world, 3)
    said = [*answers_on(made[:1]), *answers_on(made[1:2], "perhaps"), *answers_on(made[2:], "")]
    with pytest.raises(Invalid) as refusal:
        answers.answer_many(world.actor(world.tutor), said, None, None, clock())
    assert set(refusal.value.errors) == {"answers.1.answer", "answers.2.answer"}
    for nothing in ([], said[:1] * 2):
        with pytest.raises(Invalid):
            answers.answer_many(world.actor(world.tutor), nothing, None, None, clock())


def test_another_s_activity_among_them_refuses_the_whole(world: World, clock: Clock) -> None:
    made = activities(world, 1)
    classroom = fresh(world.new_activity("classe"))
    with pytest.raises(Forbidden):
        answers.answer_many(world.actor(world.follower), answers_on([*made, classroom]), None, None, clock())
    assert Attestation.objects(state="requested").count() == 1


def test_two_candidates_of_one_tutor_are_signed_at_once_each_in_their_own_chain(world: World, clock: Clock) -> None:
    (mine,) = activities(world, 1)
    other = World(clock)
    other.__dict__ |= {"academy": world.academy, "school": world.school, "office": world.office}
    other.__dict__ |= {"follower": world.follower, "company": world.company}
    other.count = 100
    (theirs,) = activities(other, 1)
    grant = world.grant("tutor", candidacy=other.candidacy.id, placement=other.placement.id)
    Person.objects(pk=world.tutor.id).update(push__grants=grant)
    by = by_link(world, world.tutor, clock)
    answers.answer_many(by, answers_on([mine, theirs]), None, None, clock())
    for candidacy in (world.candidacy, other.candidacy):
        chain = f"portfolio:{candidacy.id}"
        (link,) = Link.objects(chain=chain, name="sign_off_answered")
        assert link.data["activity"] in {str(one.id) for one in Activity.objects(candidacy=candidacy.id)}
        assert list(verify([chain])) == []


def test_the_same_form_sent_twice_at_the_same_moment_is_heard(world: World, clock: Clock) -> None:
    """A second answer stands beside the first; neither is lost."""
    made = activities(world, 1)
    by, said = world.actor(world.tutor), answers_on(made)
    for _ in range(2):
        answers.answer_many(by, said, None, None, clock())
    assert Attestation.objects(state="confirmed").count() == 2


# --- what a tutor may say instead ------------------------------------------------------------------


@pytest.mark.parametrize("because", ["not_the_right_person", "did_not_happen"])
def test_what_a_tutor_says_instead_stops_every_request_and_tells_the_teacher(
    world: World, store: Connections, clock: Clock, because: str
) -> None:
    activities(world, 2)
    by = by_link(world, world.tutor, clock)
    objections.contest(by, Placement.objects.get(), because, " Voyez ma collègue. ", clock())
    placement = Placement.objects.get()
    assert (placement.contested_because, placement.contest_comment) == (because, "Voyez ma collègue.")
    assert {one.state for one in Attestation.objects} == {"declined"}
    assert store.database.outbox.count_documents({"kind": "placement_contested"}) == 1
    assert {one.tutor.status for one in sign_offs(world.candidacy.id).activities} == {"missing"}
    with pytest.raises(requests.Contested):
        ask(world, activity=Activity.objects.first())
    with pytest.raises(objections.AlreadyContested):
        objections.contest(by, placement, because, None, clock())


def test_the_teacher_resumes_or_another_tutor_takes_over(world: World, clock: Clock) -> None:
    (activity,) = activities(world, 1)
    office = world.actor(world.office)
    objections.contest(world.actor(world.tutor), Placement.objects.get(), "not_the_right_person", None, clock())
    objections.resume(world.actor(world.follower), Placement.objects.get(), clock())
    assert ask(world, activity=activity).person == world.tutor.id
    with pytest.raises(objections.NotContested):
        objections.resume(office, Placement.objects.get(), clock())
    objections.contest(world.actor(world.tutor), Placement.objects.get(), "not_the_right_person", None, clock())
    tutor = {"email": "autre@assureur.fr", "family_name": "Roy", "given_names": "Ana"}
    placements.replace_tutor(office, Placement.objects.get(), tutor, clock())
    assert Placement.objects.get().contested_at is None
    assert Attestation.objects.get(state="requested").signer_name == "Ana Roy", "what was objected to is asked of them"


def test_only_the_tutor_of_the_placement_objects_and_only_for_a_known_reason(world: World, clock: Clock) -> None:
    world.placement  # noqa: B018 - made before it is read
    with pytest.raises(Forbidden):
        objections.contest(world.actor(world.candidate), Placement.objects.get(), "did_not_happen", None, clock())
    with pytest.raises(Invalid):
        objections.contest(world.actor(world.tutor), Placement.objects.get(), "ennui", None, clock())
    assert Candidacy.objects.count() == 1
