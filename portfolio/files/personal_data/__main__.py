"""Prints precision and recall per kind on marked texts: `python -m portfolio.files.personal_data FILE-OR-FOLDER…`.

With `--mistakes`, also where each mistake stands: the id of its snippet, and its places there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from portfolio.files.personal_data.measure import measure, read, table

MISTAKES = "--mistakes"


def main(arguments: list[str]) -> int:
    """Returns the status to exit with: 2 without a path that can be read, with the reason on standard error."""
    paths = [Path(argument) for argument in arguments if argument != MISTAKES]
    if not paths:
        sys.stderr.write(f"{__doc__}")
        return 2
    try:
        outcomes, mistakes = measure(read(paths))
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(table(outcomes))
    for mistake in mistakes if MISTAKES in arguments else ():
        kind, start, end = mistake.finding
        sys.stdout.write(f"{mistake.id}: {kind} {'missed' if mistake.missed else 'not marked'} at {start}-{end}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
