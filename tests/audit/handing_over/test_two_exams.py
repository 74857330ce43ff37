"""A school that offers two exams is handed over whole, though a number may serve in each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio.audit.handing_over.hand_over import hand_over
from portfolio.audit.handing_over.scopes import OwnerKind
from tests.audit.conftest import SCHOOL
from tests.audit.handing_over.handed_over import Given
from tests.support.backup_stores import seal_people
from tests.support.worlds.two_exams import Z9, offering_both, second_exam
from tests.support.worlds.world import World


@pytest.mark.usefixtures("bucket")
def test_the_papers_of_one_number_in_two_exams_are_apart(world: World, tmp_path: Path) -> None:
    with second_exam():
        number = offering_both(world).candidacy.candidate_number
        other = world.new_candidacy(exam=Z9, candidate_number=number)
        seal_people(world)
        assert hand_over(OwnerKind.SCHOOL, SCHOOL, tmp_path / "given", world.clock()).faults == []
    proofs = [path for path in Given(tmp_path / "given").digests() if path.startswith("papiers/preuve-des-actes/")]
    assert len(proofs) == 2 and len([path for path in proofs if f"-{other.exam}-{number}." in path]) == 1
