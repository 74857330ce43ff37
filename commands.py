"""The command line. `python commands.py --help` lists it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

import click
from pymongo.errors import PyMongoError

import migrations
from config.settings import MissingSettings, Settings
from portfolio import VERSION
from portfolio.audit import backup, reconcile, restore, seal_store, verify_anchors
from portfolio.audit import verify_chains as verify
from portfolio.audit.handing_over import signature
from portfolio.audit.handing_over.hand_over import hand_over
from portfolio.audit.handing_over.scopes import OwnerKind
from portfolio.audit.verify_all import check_everything
from portfolio.boards.policy_table import policy_as_markdown
from portfolio.boards.refusals_table import refusals_as_markdown
from portfolio.boards.retention_table import retention_as_markdown
from portfolio.boards.sealed_table import sealed_as_markdown
from portfolio.boards.states_table import states_as_markdown
from portfolio.boards.stored_fields_table import stored_fields_as_markdown
from portfolio.counting import many
from portfolio.enrolment.circulars import at_start, next_year
from portfolio.errors import Invalid, Refusal
from portfolio.identity import accounts
from portfolio.identity.returns import notifications
from portfolio.mail.delivery.file_outbox import kept_mails
from portfolio.rules.texts.circular_reader import read_circular
from portfolio.rules.texts.data_files import InvalidDataFile
from portfolio.rules.texts.exam import FOLDER as EXAMS
from portfolio.rules.texts.exam import exam, install_exams
from portfolio.store.background.turns import note_done
from portfolio.store.connections import Connections, current, open_connections

UNKNOWN = "inconnue de cette version, plus ancienne que la base"


def connect() -> Connections:
    try:
        return open_connections(Settings.from_environment(os.environ), patient=True)
    except MissingSettings as missing:
        raise click.ClickException(str(missing)) from None


@click.group()
@click.version_option(VERSION, message="%(version)s")
def cli() -> None:
    """Portfolio E5 : commandes d'administration. La configuration vient de l'environnement."""


@cli.command()
@click.option("--status", is_flag=True, help="Dit ce qui est fait et ce qui reste à faire, sans rien faire.")
@click.option("--dry-run", is_flag=True, help="Dit ce que la commande ferait, dans l'ordre, sans rien faire.")
def migrate(status: bool, dry_run: bool) -> None:
    """Met la base à jour ; relançable. S'arrête au premier échec, ce qui précède reste fait."""
    database = connect().database
    if status:
        for state in migrations.status(database):
            when = f"faite le {state.done_at:%d/%m/%Y à %H:%M} UTC" if state.done_at else "à faire"
            click.echo(f"{state.name} ({when}) : {state.purpose or UNKNOWN}")
        return
    if dry_run:
        waiting = [f"{migration.name} : {migration.purpose}" for migration in migrations.pending(database)]
        click.echo("\n".join(waiting) or "La base est à jour.")
        return
    try:
        done = migrations.apply(database)
    except (migrations.MigrationRunning, migrations.MigrationFailed) as stopped:
        raise click.ClickException(str(stopped)) from None
    click.echo("\n".join(done) or "La base est à jour.")
    if sealed := seal_store.seal_what_stands(current().settings.now()):
        click.echo(
            f"Scellé maintenant, tel que trouvé : {many(sealed, 'document enregistré', 'documents enregistrés')} avant."
        )


@cli.command("create-administrator")
@click.option("--email", required=True)
@click.option("--family-name", required=True)
@click.option("--given-names", required=True)
@click.password_option(envvar="ADMINISTRATOR_PASSWORD", prompt="Mot de passe", confirmation_prompt="Encore une fois")
def create_administrator(email: str, family_name: str, given_names: str, password: str) -> None:
    """Crée les premiers administrateurs, deux de préférence, tant qu'aucune académie n'est ouverte."""
    connect()
    try:
        made = accounts.create_first_administrator(email, family_name, given_names, password, current().settings.now())
    except Invalid as invalid:
        raise click.ClickException(_sentences(invalid)) from None
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo("Administrateur créé.")
    if made.grants[0].waits:
        click.echo("Une académie est ouverte : son droit comptera dans un jour, et chaque secrétariat en est averti.")


@cli.command("verify")
@click.option("--anchors", type=click.Path(path_type=Path, exists=True), help="Ancrages gardés hors de la base.")
def verify_chains(anchors: Path | None) -> None:
    """Vérifie toutes les chaînes, et que ce qui est enregistré est ce qu'elles ont scellé ; nomme tout défaut.

    --anchors : un fichier ou un dossier ; à défaut, ANCHORS_DIR.
    """
    settings = connect().settings
    folder = settings.anchors_dir if settings.anchors_dir and settings.anchors_dir.is_dir() else None
    try:
        roots, heads = verify_anchors.read_kept(anchors or folder) if anchors or folder else ([], [])
    except ValueError as unread:
        raise click.ClickException(f"Ancrages illisibles : {unread}. Donnez un fichier écrit par `anchor`.") from None
    found, unsealed = 0, list[str]()
    for fault in check_everything(roots, heads, unsealed):
        click.echo(fault.line, err=True)
        found += 1
    if not found:
        note_done("verify", settings.now())
    _say_unsealed(unsealed)
    for warning in verify_anchors.warnings(bool(roots or heads), settings.now()):
        click.echo(warning, err=True)
    click.echo(f"{many(found, 'défaut')}.")
    sys.exit(1 if found else 0)


def _say_unsealed(unsealed: list[str]) -> None:
    for kind, count in Counter(one.partition(":")[0] for one in unsealed).items():
        said = (
            f"{kind} : {count} d'avant que tout ce qu'ils contiennent soit scellé. Lancez `migrate` pour les sceller."
        )
        click.echo(said, err=True)


@cli.command()
def anchor() -> None:
    """Écrit les têtes de chaînes, à garder hors de la base ; chaque jour, le processus de fond en fait l'ancrage."""
    connect()
    for line in verify.anchor():
        click.echo(line)


@cli.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def back_up_stores(folder: Path) -> None:
    """Copie la base et les fichiers dans FOLDER, pendant que le service tourne ; complète la copie précédente."""
    connect()
    try:
        made = backup.back_up(folder, current().settings.now())
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    except OSError as error:
        raise click.ClickException(_not_written(error)) from None
    documents = sum(dump.count for dump in made.collections.values())
    objects = f"{many(made.objects, 'objet')} ({many(made.size, 'octet')})"
    click.echo(f"{many(documents, 'document')}, {objects}, état du {made.taken_at}.")
    note_done("backup", current().settings.now())
    _say_lost(made.lost)


@cli.command("hand-over")
@click.option("--school", metavar="UAI", help="L'établissement dont on remet tout.")
@click.option("--academy", metavar="CODE", help="L'académie dont on remet tout, avec ses établissements.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def hand_over_stores(school: str | None, academy: str | None, folder: Path) -> None:
    """Remet dans FOLDER, nouveau, tout ce qui appartient à un établissement ou à une académie, en formats ouverts.

    Le service peut tourner. FOLDER/LISEZ-MOI.md dit ce qu'il contient, FOLDER/verifier.py le vérifie.
    """
    if (school is None) == (academy is None):
        raise click.UsageError("Donnez --school UAI ou --academy CODE, l'un des deux.")
    connect()
    kind = OwnerKind.SCHOOL if school else OwnerKind.ACADEMY
    try:
        made = hand_over(kind, school or academy or "", folder, current().settings.now())
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    except OSError as error:
        raise click.ClickException(_not_written(error)) from None
    click.echo(
        f"{made.name} : {many(made.rows, 'ligne')}, {many(made.links, 'maillon')}, {many(made.files, 'fichier')} "
        f"({many(made.size, 'octet')}), {many(made.sheets, 'fiche')}, "
        f"état du {made.moment:%d/%m/%Y à %H:%M} UTC."
    )
    click.echo(f"Empreinte de description.json : {made.digest}")
    click.echo(f"Empreinte de la clé qui l'a signée, à donner par une autre voie : {made.fingerprint}")
    for fault in made.faults:
        click.echo(f"ne concorde pas : {fault}", err=True)
    _say_lost(made.lost)
    if made.faults:
        sys.exit(1)


@cli.command("hand-over-key")
def show_hand_over_key() -> None:
    """Montre la clé publique qui vérifie les remises, et son empreinte : à publier, ou à joindre à la convention."""
    connect()
    click.echo(signature.public_key().decode(), nl=False)
    click.echo(f"Empreinte : {signature.fingerprint()}")


@cli.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def restore_stores(folder: Path) -> None:
    """Remet une copie dans une base et un compartiment vides, puis vérifie tout."""
    database = connect().database
    known = migrations.all_migrations()

    def migrate(names: Collection[str]) -> None:
        migrations.apply(database, [migration for migration in known if migration.name in names])

    try:
        restored = restore.restore(folder, [migration.name for migration in known], migrate)
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    except (migrations.MigrationRunning, migrations.MigrationFailed) as stopped:
        raise click.ClickException(str(stopped)) from None
    for fault in restored.faults:
        click.echo(fault, err=True)
    _say_unsealed(restored.unsealed)
    click.echo(restore.age(restored, current().settings.now()), err=True)
    given_back = f"{many(restored.documents, 'document')} et {many(restored.objects, 'objet')} remis"
    click.echo(f"{given_back}, {many(len(restored.faults), 'défaut')}.")
    if restored.faults:
        sys.exit(1)
    _say_lost(restored.lost)


def _not_written(error: OSError) -> str:
    return f"Le dossier ne peut pas être écrit : {error.strerror} ({error.filename})."


def _say_lost(files: list[str]) -> None:
    """The rest is safe; but somebody must know, and look for them elsewhere."""
    for file in files:
        click.echo(f"fichier {file} : son contenu était déjà perdu dans le stockage", err=True)
    if files:
        sys.exit(1)


@cli.command("reconcile")
@click.option("--cure", is_flag=True, help="Corrige ce qui peut l'être ; sans elle, rien n'est changé.")
@click.option("--deep", is_flag=True, help="Relit chaque objet et vérifie son empreinte : long.")
@click.option("--many", is_flag=True, help="Efface même un nombre d'objets orphelins qui paraît anormal.")
def reconcile_stores(cure: bool, deep: bool, many: bool) -> None:
    """Compare les documents et les objets ; échoue si un fichier vérifié a perdu son contenu."""
    connect()
    counts: Counter[str] = Counter()
    try:
        for finding in reconcile.reconcile(current().settings.now(), cure=cure, deep=deep, many=many):
            counts[finding.what] += 1
            click.echo(finding.line)
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    for what, count in counts.items():
        click.echo(f"{reconcile.KINDS[what]} : {count}")
    if not counts:
        click.echo("Les deux stockages concordent.")
    if counts["phantom"] or counts["altered"]:
        sys.exit(1)
    note_done("reconcile", current().settings.now())


@cli.command()
@click.argument("task", type=click.Choice(["backup", "verify", "reconcile"]))
@click.pass_context
def nightly(context: click.Context, task: str) -> None:
    """Ce que lancent les minuteries : sauvegarde dans BACKUP_DIR, vérification, rapprochement qui corrige."""
    if task == "verify":
        context.invoke(verify_chains)
    elif task == "reconcile":
        context.invoke(reconcile_stores, cure=True)
    elif (folder := connect().settings.backup_dir) is None:
        raise click.ClickException("BACKUP_DIR n'est pas réglé : dites où écrire la sauvegarde.")
    else:
        context.invoke(back_up_stores, folder=folder)


def _sentences(invalid: Invalid) -> str:
    return " ".join(sentence for sentences in invalid.errors.values() for sentence in sentences)


@cli.command("next-circular")
@click.option("--folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--exam", help="Code de l'épreuve ; inutile s'il n'en est installé qu'une.")
@click.option("--exams-dir", envvar="EXAMS_DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
def make_next_circular(folder: Path | None, exam: str | None, exams_dir: Path | None) -> None:
    """Écrit la circulaire provisoire d'une épreuve pour la session suivante, d'après la dernière : les premières années
    s'inscrivent.

    --folder : où l'écrire ; à défaut, parmi celles de l'épreuve. --exams-dir : d'autres épreuves, comme EXAMS_DIR.
    Relisez-la avant de l'installer.
    """
    install_exams(exams_dir)
    try:
        made = next_year.make_next(folder, exam)
    except Invalid as invalid:
        raise click.ClickException(_sentences(invalid)) from None
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    except OSError as error:
        raise click.ClickException(_not_written(error)) from None
    click.echo(f"{made} : provisoire, mêmes jours de la semaine un an plus tard. Relisez ses dates et ses textes.")


@cli.command("check-circular")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check_circular(file: Path) -> None:
    """Vérifie un fichier de circulaire avant de l'installer ; nomme la ligne et le champ à corriger. N'écrit rien."""
    try:
        checked = read_circular(file)
    except (InvalidDataFile, OSError) as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"{file.name} : session {checked.id}, version {checked.version}, empreinte {checked.sha256}.")
    click.echo("Modèle provisoire." if checked.provisional else f"Rapprochée de : {checked.source.title}.")


@cli.command("check-exam")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def check_exam(folder: Path) -> None:
    """Vérifie le dossier d'une épreuve (son fichier, ses référentiels, catalogues et circulaires). N'écrit rien."""
    around = folder.resolve().parent
    install_exams(around if around != EXAMS else None)
    try:
        if faults := at_start.wrong_files():
            raise click.ClickException("\n".join(faults))
        checked = exam(folder.resolve().name)
    finally:
        install_exams(None)
    click.echo(f"{checked.code} : {checked.in_full}, {checked.citation}. Rien à corriger.")


@cli.command("mail")
@click.option("--to", help="Seulement les courriels à cette adresse.")
def list_mails(to: str | None) -> None:
    """Liste les courriels écrits en fichiers, faute de serveur d'envoi, et leurs liens."""
    folder = connect().settings.mail_dir
    for kept in kept_mails(folder) if folder else ():
        if to in (None, kept.to):
            click.echo(f"{kept.date}  {kept.to}  {kept.subject}  ({kept.path.name})")
            for link in kept.links:
                click.echo(f"    {link}")


@cli.command("bounces")
@click.argument("message", type=click.File("rb"), default="-")
def read_bounce(message: BinaryIO) -> None:
    """Lit une notification de non-remise (RFC 3464), par exemple depuis un alias du serveur de courriel."""
    connect()
    click.echo(notifications.read_notification(message.read(notifications.LONGEST_BOUNCE), current().settings.now()))


@cli.command()
def sealed() -> None:
    """Écrit la table de ce que les chaînes scellent, champ par champ."""
    click.echo(sealed_as_markdown(), nl=False)


@cli.command()
def permissions() -> None:
    """Écrit la table des droits, lue dans POLICY."""
    click.echo(policy_as_markdown(), nl=False)


@cli.command()
def refusals() -> None:
    """Écrit la table des refus de l'épreuve, avec ce sur quoi chacun repose."""
    click.echo(refusals_as_markdown(), nl=False)


@cli.command("stored-fields")
def stored_fields() -> None:
    """Écrit le classement des champs conservés : à qui, jusqu'à quand, lus par qui."""
    click.echo(stored_fields_as_markdown(), nl=False)


@cli.command()
def retention() -> None:
    """Écrit la table des durées de conservation."""
    click.echo(retention_as_markdown(), nl=False)


@cli.command()
def states() -> None:
    """Écrit les diagrammes d'états de ce qui est conservé."""
    click.echo(states_as_markdown(), nl=False)


def main() -> None:
    try:
        cli()
    except PyMongoError as error:  # said in words: its own would name the machine, and sometimes what the base holds
        sys.exit(f"La base de données n'a pas répondu comme attendu ({type(error).__name__}).")


if __name__ == "__main__":
    main()
