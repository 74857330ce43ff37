"""A school with candidates and the tokens of those who act, made by the real verbs in a process of its own.

`python -m tests.crashes.seed 3` writes one JSON object, on the stores that the environment names.
"""

from __future__ import annotations

import json
import os
import sys

import migrations
from api.operation.logs import log_to_stderr
from config.settings import Settings
from portfolio.documents import Person
from portfolio.store.connections import open_connections
from tests.support.backup_stores import seal_people
from tests.support.clock import now
from tests.support.worlds.world import World


def main() -> None:
    log_to_stderr("ERROR")
    migrations.apply(open_connections(Settings.from_environment(os.environ)).database)
    world = World(now)
    candidacies = [world.new_candidacy() for _ in range(int(sys.argv[1]))]
    people = [Person.objects.get(pk=one.person) for one in candidacies]
    seeded = {
        "school": str(world.school.id),
        "office": World.token_for(world.office, world.clock()),
        "candidates": [
            {"portfolio": str(candidacy.id), "token": World.token_for(person, world.clock())}
            for candidacy, person in zip(candidacies, people, strict=True)
        ],
    }
    seal_people(world)
    json.dump(seeded, sys.stdout)


if __name__ == "__main__":
    main()
