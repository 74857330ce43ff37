import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import MissingSettings, Settings, purposes

REQUIRED = {
    "MONGODB_URI": "mongodb://e5:mot-de-passe-mongo@db1.exemple.fr,db2.exemple.fr/e5?replicaSet=rs0&authSource=admin&tls=true",
    "S3_ENDPOINT_URL": "https://s3.exemple.fr",
    "S3_BUCKET": "preuves-e5",
    "S3_ACCESS_KEY_ID": "AK123",
    "S3_SECRET_ACCESS_KEY": "secret-du-stockage",
    "SECRET_KEY": "cle-de-session-" + "s" * 32,
    "CHAIN_KEY": "cle-du-journal-" + "c" * 32,
    "PUBLIC_URL": "https://portfolio.exemple.fr/",
    "SMTP_URL": "smtps://courriel:mot-de-passe-smtp@mail.exemple.fr",
}
MALFORMED = {
    "CLOCK": ["197d", "+197", "+d", "+1.5d", "+12w", "2027-05-07", "+9999999999d", "+99999999999s", "+999999999d"],
    "MONGODB_URI": ["localhost:27017", "mongodb://", "mongodb://[::1", "mongodb://h/a.b"],
    "S3_ENDPOINT_URL": ["s3.exemple.fr", "ftp://s3.exemple.fr", "https://u:p@s3.exemple.fr", "http://h:port"],
    "S3_PUBLIC_ENDPOINT_URL": ["https://s3.exemple.fr/chemin"],
    "S3_BUCKET": ["Majuscules", "ab", "a/b", "-tiret"],
    "SECRET_KEY": ["s" * 31, f"{'n' * 32},{'s' * 31}", f"{'n' * 32},"],
    "CHAIN_KEY": ["c" * 31, REQUIRED["SECRET_KEY"], f"{'c' * 32},{REQUIRED['SECRET_KEY']}"],
    "METRICS_TOKEN": ["m" * 31],
    "SLOW_COMMAND_MS": ["-1", "vite"],
    "PUBLIC_URL": ["http://portfolio.exemple.fr", "https://", "https://exemple.fr/e5", "portfolio.exemple.fr"],
    "SMTP_URL": ["mail.exemple.fr:25", "http://mail.exemple.fr"],
    "MAIL_FROM": ["pas une adresse", "a@b\r\nBcc: tous@exemple.fr"],
    "SMTP_CA_FILE": ["/nulle/part/autorite.pem"],
    "ANCHORS_MAIL": ["pas une adresse"],
    "TSA_URL": ["horodatage.exemple.fr", "ftp://horodatage.exemple.fr"],
    "TSA_CA_FILE": ["/nulle/part/autorite.pem"],
    "BOUNCE_ADDRESS": ["pas une adresse"],
    "BOUNCE_TOKEN": ["b" * 31],
    "WORKER_DELIVERIES": ["0", "deux"],
    "WORKER_DRAWINGS": ["-1", "un"],
    "WORKER_METRICS_PORT": ["0", "65536", "neuf"],
    "GATHERED_S": ["-1"],
    "TRUSTED_HOPS": ["-1", "deux", "1.5", "٣"],
    "MAX_FILE_BYTES": ["0", "500Mo"],
    "MAX_PORTFOLIO_BYTES": ["0", "5Go", str(500 * 1024 * 1024 - 1)],
    "MAX_PENDING_BYTES": ["0", "2Go", str(500 * 1024 * 1024 - 1)],
    "PART_BYTES": [str(5 * 1024 * 1024 - 1)],
    "UPLOAD_WAY": ["direct"],
    "CLAMD_URL": ["clamav:3310", "tcp://clamav", "tcp://clamav:port", "http://clamav:3310", "unix://clamd.ctl"],
    "LOG_LEVEL": ["verbose"],
}


def test_a_complete_environment_gives_settings_with_defaults_fit_for_production():
    settings = Settings.from_environment(REQUIRED)

    assert settings.public_url == "https://portfolio.exemple.fr"
    assert settings.s3_public_endpoint_url == "https://s3.exemple.fr"
    assert settings.s3_region == "us-east-1"
    assert settings.mail_from == "ne-pas-repondre@portfolio.exemple.fr"
    assert settings.mongodb_database == "e5"
    assert (settings.trusted_hops, settings.upload_way, settings.log_level) == (0, "relayed", "INFO")
    assert (settings.max_file_bytes, settings.part_bytes) == (500 * 1024 * 1024, 8 * 1024 * 1024)


def test_an_empty_environment_names_everything_it_lacks_at_once_and_what_each_is_for():
    with pytest.raises(MissingSettings) as refused:
        Settings.from_environment({})

    lacking = set(REQUIRED) - {"SMTP_URL"} | {"MAIL_DIR"}
    assert set(refused.value.problems) == lacking
    for name in lacking:
        assert re.search(rf"^  {name} \(.+\) : {re.escape(purposes()[name])}$", str(refused.value), re.MULTILINE)


def test_missing_and_malformed_are_named_together():
    with pytest.raises(MissingSettings) as refused:
        Settings.from_environment(REQUIRED | {"S3_BUCKET": "", "TRUSTED_HOPS": "deux", "PUBLIC_URL": "http://a.fr"})

    assert set(refused.value.problems) == {"S3_BUCKET", "TRUSTED_HOPS", "PUBLIC_URL"}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in MALFORMED.items() for value in values])
def test_a_malformed_value_is_named(name, value):
    with pytest.raises(MissingSettings) as refused:
        Settings.from_environment(REQUIRED | {name: value})

    assert set(refused.value.problems) == {name}


def test_a_file_fits_into_a_portfolio_and_its_parts_into_what_s3_accepts():
    largest = 8 * 1024 * 1024 * 10_000
    with pytest.raises(MissingSettings) as refused:
        Settings.from_environment(REQUIRED | {"MAX_FILE_BYTES": str(largest + 1)})

    assert set(refused.value.problems) == {"MAX_PORTFOLIO_BYTES", "MAX_PENDING_BYTES", "PART_BYTES"}


def test_a_malformed_secret_is_not_repeated_in_the_message():
    with pytest.raises(MissingSettings) as refused:
        Settings.from_environment(REQUIRED | {"SECRET_KEY": "trop-court", "MONGODB_URI": "mongo://e5:secret@hote"})

    assert "trop-court" not in str(refused.value)
    assert "e5:secret" not in str(refused.value)


@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_the_machine_itself_may_be_reached_without_tls(address):
    assert Settings.from_environment(REQUIRED | {"PUBLIC_URL": address}).public_url == address


def test_mail_goes_to_a_directory_where_no_server_is_named(tmp_path):
    without_server = {name: value for name, value in REQUIRED.items() if name != "SMTP_URL"}

    settings = Settings.from_environment(without_server | {"MAIL_DIR": str(tmp_path)})

    assert settings.smtp_url is None
    assert settings.mail_dir == tmp_path


def test_a_database_that_is_not_named_is_called_portfolio():
    settings = Settings.from_environment(REQUIRED | {"MONGODB_URI": "mongodb://localhost:27017/?replicaSet=rs0"})

    assert settings.mongodb_database == "portfolio"


IN_CLEAR = {
    "MONGODB_URI": [
        "mongodb://e5:secret@db1.exemple.fr/e5?replicaSet=rs0",
        "mongodb://127.0.0.1:27017,db2.exemple.fr:27017/e5",
        "mongodb://db1.exemple.fr/e5?tls=false",
        "mongodb+srv://db.exemple.fr/e5?tls=false",
        "mongodb://db1.exemple.fr/e5?tls=true&tlsInsecure=true",
        "mongodb://db1.exemple.fr/e5?TLS=true&tlsAllowInvalidCertificates=True",
        "mongodb://db1.exemple.fr/e5?tls=true&tlsAllowInvalidHostnames=true",
    ],
    "S3_ENDPOINT_URL": ["http://s3.exemple.fr", "http://10.0.0.3:9000"],
    "S3_PUBLIC_ENDPOINT_URL": ["http://s3.exemple.fr"],
}
ENCRYPTED = {
    "MONGODB_URI": [
        "mongodb://e5:secret@db1.exemple.fr,db2.exemple.fr/e5?ssl=true",
        "mongodb+srv://e5:secret@db.exemple.fr/e5",
        "mongodb://127.0.0.1:27017,localhost:27018,[::1]:27019/e5?replicaSet=rs0",
        "mongodb://%2Ftmp%2Fmongodb-27017.sock/e5",
    ],
    "S3_ENDPOINT_URL": ["http://127.0.0.1:8333", "https://s3.exemple.fr"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in IN_CLEAR.items() for value in values])
def test_beyond_this_machine_no_engine_is_spoken_to_in_clear_or_unchecked(name, value):
    with pytest.raises(MissingSettings) as refused:
        Settings.from_environment(REQUIRED | {name: value})
    assert set(refused.value.problems) == {name}
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ENCRYPTED.items() for value in values])
def test_an_engine_is_reached_by_tls_or_on_this_machine(name, value):
    assert getattr(Settings.from_environment(REQUIRED | {name: value}), name.lower()) == value


def test_settings_shown_in_a_log_reveal_no_secret():
    shown = repr(Settings.from_environment(REQUIRED))

    assert "preuves-e5" in shown
    secrets = ("mot-de-passe-mongo", "secret-du-stockage", "cle-de-session", "cle-du-journal")
    for secret in (*secrets, "mot-de-passe-smtp"):
        assert secret not in shown


def test_settings_cannot_be_changed_once_read():
    settings = Settings.from_environment(REQUIRED)

    with pytest.raises(AttributeError):
        settings.public_url = "https://ailleurs.exemple.fr"


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("+197d", timedelta(days=197)),
        ("-12h", timedelta(hours=-12)),
        ("+30m", timedelta(minutes=30)),
        ("-5s", timedelta(seconds=-5)),
    ],
)
def test_a_rehearsal_s_clock_is_the_true_one_shifted(text, shift):
    settings = Settings.from_environment(REQUIRED | {"CLOCK": text, "PUBLIC_URL": "http://localhost"})
    assert abs(settings.now() - datetime.now(UTC) - shift) < timedelta(minutes=1)


def test_the_clock_of_a_real_service_is_the_true_one():
    with pytest.raises(MissingSettings) as refused:
        Settings.from_environment(REQUIRED | {"CLOCK": "+1d", "PUBLIC_URL": "https://portfolio.example.fr"})
    assert set(refused.value.problems) == {"CLOCK"}
    assert Settings.from_environment(REQUIRED).clock == timedelta()


def test_nothing_that_serves_reads_another_clock():
    """What an act is dated by is handed to it; the settings alone read the machine's clock, shifted in a rehearsal."""
    root = Path(__file__).parents[2]
    serving = [root / name for name in ("wsgi.py", "worker.py", "commands.py")]
    for package in ("api", "web", "portfolio", "config"):
        serving += (root / package).rglob("*.py")
    reads = {
        str(path.relative_to(root)): re.findall(
            r"datetime\.(?:now|today|utcnow)\b|date\.today\b|localtime\b|time\.time\b", path.read_text()
        )
        for path in serving
    }
    assert {path: found for path, found in reads.items() if found} == {
        "config/settings.py": ["datetime.now"],
        "portfolio/audit/backup.py": ["time.time"],  # a moment of the document store, in its time
    }
