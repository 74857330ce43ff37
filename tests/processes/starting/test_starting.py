"""What production starts: everything missing is named at once, a database that is behind is not served."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pymongo import MongoClient

import migrations
from config.settings import Settings, purposes
from portfolio.store.connections import Connections

ROOT = Path(__file__).parents[3]
LOADED_BEFORE_THE_FORK = {"openpyxl", "pikepdf", "icalendar", "charset_normalizer", "flufl.bounce"}
LOADED_BEFORE_THE_FORK |= {"boto3", "botocore.client", "zxcvbn", "holidays", "segno", "typst"}
LOADED_BEFORE_THE_FORK |= {"portfolio.sheet.masking.possible_marks", "portfolio.sheet.papers.render_xlsx"}
# Of the programs that draw views, and of tools of the tests.
LOADED_BY_NOBODY = {"pypdfium2", "python_calamine", "oletools", "pillow_heif", "docx", "reportlab"}
LOADED_BY_NOBODY |= {"limits", "flask_limiter"}


def test_a_production_start_names_everything_missing_at_once_and_starts_no_engine() -> None:
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=ROOT, env=bare, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    for name in ("MONGODB_URI", "S3_ENDPOINT_URL", "S3_BUCKET", "SECRET_KEY", "CHAIN_KEY", "PUBLIC_URL"):
        assert name in done.stderr


def test_a_database_that_is_behind_is_not_served(engine_environment: dict[str, str], settings: Settings) -> None:
    name = "behind_the_times"
    uri = engine_environment["MONGODB_URI"].replace("/portfolio?", f"/{name}?")
    environment = {**os.environ, **engine_environment, "MONGODB_URI": uri, "PUBLIC_URL": "http://localhost"}
    asked = {"cwd": ROOT, "env": environment, "capture_output": True, "text": True, "check": False}
    refused = subprocess.run([sys.executable, "-c", "import wsgi"], **asked)  # type: ignore[call-overload]
    assert refused.returncode != 0
    assert "commands.py migrate" in refused.stderr
    status = subprocess.run([sys.executable, "commands.py", "migrate", "--status"], **asked)  # type: ignore[call-overload]
    assert migrations.all_migrations()[0].name in status.stdout
    assert subprocess.run([sys.executable, "commands.py", "migrate"], **asked).returncode == 0  # type: ignore[call-overload]
    assert subprocess.run([sys.executable, "-c", "import wsgi"], **asked).returncode == 0  # type: ignore[call-overload]
    with MongoClient[dict[str, Any]](uri) as client:
        client.drop_database(name)


def test_what_few_requests_need_is_not_loaded_to_start(
    engine_environment: dict[str, str], settings: Settings, store: Connections
) -> None:
    """Each was a twentieth of the start. gunicorn loads them before it forks (`load_whole` of `web/serving.py`)."""
    told = {**os.environ, **engine_environment, "PUBLIC_URL": "http://localhost", "MONGODB_URI": settings.mongodb_uri}
    loaded = _loaded_by("import wsgi", told)
    assert "portfolio.sheet.forms" in loaded
    assert (LOADED_BEFORE_THE_FORK | LOADED_BY_NOBODY) & loaded == set()


def test_what_few_requests_need_is_loaded_before_the_fork(
    engine_environment: dict[str, str], settings: Settings, store: Connections
) -> None:
    """Each worker would load them for itself otherwise, while somebody waits."""
    told = {**os.environ, **engine_environment, "PUBLIC_URL": "http://localhost", "MONGODB_URI": settings.mongodb_uri}
    loaded = _loaded_by("import web.serving; web.serving.load_whole()", told)
    assert LOADED_BEFORE_THE_FORK - loaded == set()
    assert LOADED_BY_NOBODY & loaded == set()


def _loaded_by(program: str, environment: dict[str, str]) -> set[str]:
    asked = [sys.executable, "-c", f"{program}; import sys; print(*sys.modules)"]
    done = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_readme_tells_every_setting() -> None:
    told = (ROOT / "README.md").read_text()
    for name, purpose in purposes().items():
        assert f"| `{name}` | {purpose} |" in told


def test_a_wrong_text_of_the_exam_stops_the_start_and_is_named(
    engine_environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "2027R.v1.yaml").write_text("id: [")
    told = {**os.environ, **engine_environment, "PUBLIC_URL": "http://localhost"}
    told |= {"REHEARSAL_CIRCULARS_DIR": str(tmp_path)}
    for program in ("import wsgi", "import sys, worker; sys.exit(worker.main())"):
        asked = [sys.executable, "-c", program]
        refused = subprocess.run(asked, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
        assert refused.returncode != 0
        assert "2027R.v1.yaml, ligne 1 :" in refused.stderr
