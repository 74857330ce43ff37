"""What a production start needs from its environment. Nothing here starts, or falls back to, an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from config import setting_readers as reads
from config.transport import LOOPBACK, in_clear

MIB = 1024 * 1024
MOST_PARTS = 10_000  # S3: a multipart upload has at most this many parts
ABSENT = "absente"


class MissingSettings(Exception):
    """The environment cannot start the application; the French text names everything at once.

    problems: {name of the variable: what is wrong with it}. Values are never repeated: they may be secrets.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        known = purposes()
        lines = [f"  {name} ({problem}) : {known[name]}" for name, problem in self.problems.items()]
        super().__init__(
            "La configuration est incomplète ou mal formée. Variables d'environnement à corriger :\n" + "\n".join(lines)
        )


def _setting(purpose: str, read: Callable[[str], Any] = str, *, secret: bool = False, default: Any = MISSING) -> Any:
    return field(default=default, repr=not secret, metadata={"purpose": purpose, "read": read})


# --- the settings -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Each field is the environment variable of the same name in capitals; its purpose is said once, here."""

    mongodb_uri: str = _setting(
        "base de données MongoDB, en jeu de réplicas ; sans nom de base, la base est « portfolio »",
        reads.mongodb_uri,
        secret=True,
    )
    s3_endpoint_url: str = _setting("adresse du stockage S3, vue de l'application", reads.endpoint)
    s3_public_endpoint_url: str = _setting(
        "adresse du stockage S3, vue des navigateurs, pour les liens signés ; par défaut S3_ENDPOINT_URL",
        reads.endpoint,
        default="",
    )
    s3_bucket: str = _setting("compartiment S3 des fichiers déposés", reads.bucket)
    s3_access_key_id: str = _setting("identifiant de la clé S3")
    s3_secret_access_key: str = _setting("secret de la clé S3", secret=True)
    s3_region: str = _setting("région S3", default="us-east-1")
    secret_key: tuple[str, ...] = _setting(
        "clé qui signe les sessions et les liens ; pour en changer : « nouvelle,ancienne »", reads.keys, secret=True
    )
    chain_key: tuple[str, ...] = _setting(
        "clé qui scelle le journal, différente de SECRET_KEY ; pour en changer : « nouvelle,ancienne », "
        "l'ancienne restant tant que ses maillons sont à vérifier",
        reads.keys,
        secret=True,
    )
    public_url: str = _setting("adresse du site, telle que les personnes la tapent", reads.public_url)
    smtp_url: str | None = _setting(
        "serveur d'envoi des courriels ; à défaut, MAIL_DIR", reads.smtp_url, secret=True, default=None
    )
    mail_dir: Path | None = _setting(
        "dossier où écrire les courriels en fichiers .eml, quand SMTP_URL est absente", Path, default=None
    )
    mail_from: str = _setting(
        "expéditeur des courriels ; par défaut ne-pas-repondre@ suivi du nom du site", reads.mail_address, default=""
    )
    smtp_ca_file: Path | None = _setting(
        "autorité de certification du serveur d'envoi, en PEM, en plus de celles du système", reads.file, default=None
    )
    bounce_address: str = _setting(
        "adresse où reviennent les courriels non remis ; par défaut MAIL_FROM", reads.mail_address, default=""
    )
    bounce_maildir: Path | None = _setting(
        "boîte au format Maildir où arrivent les courriels non remis, relevée par le processus de fond",
        Path,
        default=None,
    )
    bounce_token: str | None = _setting(
        "jeton par lequel le prestataire d'envoi signale un courriel non remis ; sans lui, cette porte n'existe pas",
        reads.secret,
        secret=True,
        default=None,
    )
    gathered_s: int = _setting(
        "secondes pendant lesquelles les demandes faites à un même tuteur sont réunies en un courriel",
        reads.at_least(0),
        default=120,
    )
    worker_deliveries: int = _setting(
        "nombre de courriels et d'autres travaux que chaque processus de fond mène à la fois",
        reads.at_least(1),
        default=2,
    )
    worker_drawings: int = _setting(
        "nombre de fichiers dont chaque processus de fond dessine les aperçus à la fois ; 0 : un autre processus s'en "
        "charge",
        reads.at_least(0),
        default=1,
    )
    worker_metrics_port: int | None = _setting(
        "port où chaque processus de fond donne ses chiffres à Prometheus, sur la machine elle-même seulement ; "
        "sans lui, il n'en donne pas",
        reads.port,
        default=None,
    )
    anchors_dir: Path | None = _setting(
        "dossier où le processus de fond écrit chaque jour l'ancrage des chaînes, à emporter hors de cette machine",
        Path,
        default=None,
    )
    backup_dir: Path | None = _setting(
        "dossier de la sauvegarde de chaque nuit (`commands.py nightly backup`)", Path, default=None
    )
    anchors_mail: str | None = _setting(
        "adresse à qui l'ancrage de chaque jour est envoyé, de préférence hors de l'hébergeur",
        reads.mail_address,
        default=None,
    )
    tsa_url: str | None = _setting(
        "service d'horodatage (RFC 3161) des ancrages ; à défaut, ils ne sont pas horodatés",
        reads.http_url,
        default=None,
    )
    tsa_ca_file: Path | None = _setting(
        "certificats de ce service, en PEM, contre lesquels « verify » tient les horodatages", reads.file, default=None
    )
    trusted_hops: int = _setting(
        "nombre de serveurs mandataires dont croire les en-têtes X-Forwarded-*", reads.at_least(0), default=0
    )
    max_file_bytes: int = _setting("taille maximale d'un fichier, en octets", reads.at_least(1), default=500 * MIB)
    max_portfolio_bytes: int = _setting(
        "taille maximale de tous les fichiers d'un portfolio, en octets", reads.at_least(1), default=5 * 1024 * MIB
    )
    max_pending_bytes: int = _setting(
        "taille maximale de tous les envois en cours d'un candidat, en octets",
        reads.at_least(1),
        default=2 * 1024 * MIB,
    )
    part_bytes: int = _setting(
        "taille d'une partie d'envoi, en octets ; 5 Mio au moins, le minimum de S3",
        reads.at_least(5 * MIB),
        default=8 * MIB,
    )
    upload_way: str = _setting(
        "chemin des fichiers envoyés : « relayed » par l'application, « presigned » droit vers S3 ; à qui son réseau "
        "refuse S3, l'application les relaie",
        reads.one_of("relayed", "presigned"),
        default="relayed",
    )
    clamd_url: str | None = _setting(
        "antivirus (clamd) à qui chaque fichier reçu est montré : tcp://hôte:3310 ou unix:///chemin ; sans lui, aucun "
        "n'est examiné",
        reads.clamd_url,
        default=None,
    )
    log_level: str = _setting(
        "détail du journal technique", reads.one_of("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"
    )
    slow_command_ms: int = _setting(
        "durée, en millisecondes, à partir de laquelle une commande MongoDB est notée lente",
        reads.at_least(0),
        default=200,
    )
    metrics_token: str | None = _setting(
        "jeton qui ouvre /metrics à Prometheus ; sans lui, /metrics n'existe pas",
        reads.secret,
        secret=True,
        default=None,
    )
    exams_dir: Path | None = _setting(
        "dossier d'autres épreuves, en plus de celle livrée (config/exams) : un dossier pour chacune",
        Path,
        default=None,
    )
    rehearsal_circulars_dir: Path | None = _setting(
        "dossier des circulaires de sessions de répétition (2027R…), en plus de celles livrées", Path, default=None
    )
    security_contact: str = _setting(
        "où signaler une faille, dans /.well-known/security.txt : mailto:adresse, https://… ou tel:… ; "
        "par défaut la page « Mentions légales » du site",
        reads.contact,
        default="",
    )
    clock: timedelta = _setting(
        "décalage de l'horloge de l'application, pour répéter un autre jour : +197d, -12h… ; "
        "refusé hors de la machine elle-même (PUBLIC_URL en localhost)",
        reads.read_shift,
        default=timedelta(),
    )

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """Returns the settings of these variables; an empty one counts as absent. Raises MissingSettings, which names
        all that is absent or malformed.
        """
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for setting in fields(cls):
            name = setting.name.upper()
            text = env.get(name, "").strip()
            try:
                if text:
                    values[setting.name] = setting.metadata["read"](text)
                elif setting.default is MISSING:
                    problems[name] = ABSENT
            except ValueError as problem:
                problems[name] = str(problem)
        _check_together(values, problems)
        if problems:
            raise MissingSettings(problems)
        values.setdefault("s3_public_endpoint_url", values["s3_endpoint_url"])
        values.setdefault("mail_from", f"ne-pas-repondre@{urlsplit(values['public_url']).hostname}")
        values.setdefault("bounce_address", values["mail_from"])
        values.setdefault("security_contact", f"{values['public_url']}/mentions-legales")
        return cls(**values)

    def now(self) -> datetime:
        """Returns the application's time in UTC, shifted by CLOCK: the only clock of all that serves. Engines keep the
        true one.
        """
        return datetime.now(UTC) + self.clock

    @property
    def mongodb_database(self) -> str:
        return urlsplit(self.mongodb_uri).path.removeprefix("/") or "portfolio"


def _check_together(values: Mapping[str, Any], problems: dict[str, str]) -> None:
    if "SMTP_URL" not in problems and not values.get("smtp_url") and not values.get("mail_dir"):
        problems["MAIL_DIR"] = "absente, comme SMTP_URL"
    if set(values.get("chain_key", ())) & set(values.get("secret_key", ())):
        problems["CHAIN_KEY"] = "identique à SECRET_KEY"
    if values.get("clock") and urlsplit(values.get("public_url", "")).hostname not in LOOPBACK:
        problems["CLOCK"] = "refusée ici : l'horloge d'un vrai service est la vraie"
    problems.update({name: said for name, said in in_clear(values).items() if name not in problems})
    largest = values.get("part_bytes", Settings.part_bytes) * MOST_PARTS
    file_bytes = values.get("max_file_bytes", Settings.max_file_bytes)
    if file_bytes > values.get("max_portfolio_bytes", Settings.max_portfolio_bytes):
        problems["MAX_PORTFOLIO_BYTES"] = "plus petite que MAX_FILE_BYTES"
    if file_bytes > values.get("max_pending_bytes", Settings.max_pending_bytes):
        problems["MAX_PENDING_BYTES"] = "plus petite que MAX_FILE_BYTES"
    if file_bytes > largest:
        problems["PART_BYTES"] = f"trop petite pour MAX_FILE_BYTES : S3 accepte {MOST_PARTS} parties au plus"


def purposes() -> dict[str, str]:
    """Returns {name of the environment variable: what it is for, in French}, in the order in which to explain them."""
    return {setting.name.upper(): setting.metadata["purpose"] for setting in fields(Settings)}
