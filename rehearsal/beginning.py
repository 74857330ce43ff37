"""The fictional class is made once, whole: a first start that was interrupted begins again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import migrations
from config.settings import Settings
from portfolio.documents import Person
from portfolio.store.connections import current
from rehearsal.people import load


class AccountsLost(RuntimeError):
    """Its text says what to do."""


def class_of(data: Path, settings: Settings, zone: str, say: Callable[[str], None]) -> list[dict[str, str]]:
    """Makes the class on the first start, or again where the first start was cut short; later, reads its accounts.

    The accounts are written last, and until they are a file says that the class is unfinished: only what such a start
    has left is erased. Raises AccountsLost where people are there and nothing says who they are.
    """
    accounts, unfinished = data / "accounts.json", data / "class.unfinished"
    if accounts.exists():
        unfinished.unlink(missing_ok=True)
        known: list[dict[str, str]] = json.loads(accounts.read_text())
        return known
    if unfinished.exists():
        say("Le premier démarrage avait été interrompu : la classe fictive est refaite.")
        _erase(settings)
    elif Person.objects.first() is not None:
        raise AccountsLost(
            f"{accounts} a disparu : sans lui, personne ne peut se connecter. Remettez-le, "
            "ou commencez une autre répétition : make run DATA=autre-dossier"
        )
    unfinished.touch()
    say("Classe fictive : huit candidats au travail…")
    made = load(accounts, settings.now(), zone)
    unfinished.unlink()
    return made


def _erase(settings: Settings) -> None:
    connections = current()
    connections.client.drop_database(connections.database.name)
    for stored in list(connections.storage.list_keys("")):
        connections.storage.delete(stored.key)
    for upload in list(connections.storage.list_uploads()):
        connections.storage.abort(upload.key, upload.upload_id)
    for mail in settings.mail_dir.glob("*.eml") if settings.mail_dir else ():
        mail.unlink()
    migrations.apply(connections.database)
