"""The production path of docs/how-to/operations.md, with what production installs and nothing else, on engines started
from outside, whose addresses are in the environment.

    python -m config.embedded --data DATA -- python3 .ci/production.py FOLDER
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

from first_start import address, free_port
from visitor import Visitor, answers, await_until, expect

ROOT = Path(__file__).parents[1]
EMAIL, PASSWORD = "alex.administration@fictif.example", "Sept mots font une bonne phrase"
SCHOOL = {"uai": "0690026D", "name": "Lycée Fictif", "city": "Lyon", "kind": "public"}
SCHOOL |= {"carried_by_public_body": False, "habilitated": False}


def main(folder: Path) -> None:
    clone, port = folder / "production", free_port()
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    subprocess.run([sys.executable, "-m", "venv", str(clone / ".venv")], check=True)
    pip = ("-m", "pip", "--disable-pip-version-check", "--quiet", "--quiet", "install")
    run(clone, {}, *pip, "--require-hashes", "-r", "requirements.lock")
    environment = {"PUBLIC_URL": address(port), "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "2"}
    environment["LOG_LEVEL"] = "WARNING"
    run(clone, environment, "commands.py", "migrate")
    names = ("--email", EMAIL, "--family-name", "Administration", "--given-names", "Alex")
    run(clone, environment | {"ADMINISTRATOR_PASSWORD": PASSWORD}, "commands.py", "create-administrator", *names)
    server = ("-m", "gunicorn", "--config", "config/gunicorn.py", "wsgi:app")
    with running(clone, environment, *server), running(clone, environment, "worker.py"):
        await_until(lambda: answers(address(port)), "gunicorn serves")
        Visitor(address(port)).sign_in(EMAIL, PASSWORD)
        invite(port)
        await_until(lambda: invited(Path(os.environ["MAIL_DIR"])), "the worker sends the invitation")
    run(clone, environment, "commands.py", "verify")
    print("Production: installed alone, migrated, served, a mail sent by the worker, every chain verified.")


def run(clone: Path, more: dict[str, str], *command: str) -> None:
    subprocess.run([str(clone / ".venv/bin/python"), *command], cwd=clone, env=os.environ | more, check=True)


@contextmanager
def running(clone: Path, more: dict[str, str], *command: str) -> Iterator[None]:
    process = subprocess.Popen([str(clone / ".venv/bin/python"), *command], cwd=clone, env=os.environ | more)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        expect(process.returncode == 0, f"{command} ends with 0, not {process.returncode}")


def invite(port: int) -> None:
    by = Visitor(address(port))
    by.take_token(EMAIL, PASSWORD)
    academy = by.ask("/academies", code="10", name="Lyon", timezone="Europe/Paris")
    school = by.ask(f"/academies/{academy['id']}/schools", **SCHOOL)
    office = {"email": "sacha.bureau@fictif.example", "family_name": "Bureau", "given_names": "Sacha"}
    by.ask(f"/academies/{academy['id']}/people", role="office", school=school["id"], **office)


def invited(mails: Path) -> bool:
    read = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in mails.glob("*.eml"))
    return any(one["To"] == "sacha.bureau@fictif.example" for one in read)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
