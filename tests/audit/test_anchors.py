"""The heads of all chains, kept outside once a day: what is cut, made anew or put back from a copy shows by them."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

import commands
import worker
from portfolio.audit import anchors, timestamps
from portfolio.audit.restore import Restored, age
from portfolio.audit.verify_all import check_everything
from portfolio.audit.verify_anchors import read_kept, warnings
from portfolio.audit.verify_chains import Fault
from portfolio.documents import Academy, Anchor
from portfolio.ids import new_id
from portfolio.mail.outbox_handlers import HANDLERS
from portfolio.store.chains import Event
from portfolio.store.connections import Connections
from portfolio.store.journal import commit
from portfolio.store.outbox import deliver_due
from tests.conftest import Clock

ONE = "assessment:one"


def extend(clock: Clock, chain: str = ONE) -> None:
    subject = Academy(id=new_id(), created_at=clock(), code="10", name="Lyon")
    commit([], Event(chain, "grid_filled", "system", clock(), subject))


@pytest.fixture
def folder(tmp_path: Path, set_up: Callable[..., None]) -> Path:
    """Where anchors are kept, outside."""
    kept = tmp_path / "anchors"
    set_up(anchors_dir=kept)
    return kept


def anchored(clock: Clock) -> Anchor:
    anchor = anchors.anchor_heads(clock())
    anchors.keep_outside(clock())
    return anchor


@pytest.fixture
def two_days(folder: Path, clock: Clock) -> Path:
    """Two chains; one of them goes on after the first anchor."""
    for chain in (ONE, "portfolio:other"):
        extend(clock, chain)
    anchored(clock)
    clock.advance(days=1)
    for _ in range(3):
        extend(clock)
    anchored(clock)
    return folder


def found(folder: Path | None = None) -> list[tuple[str, str]]:
    roots, heads = read_kept(folder) if folder else ([], [])
    return [(fault.chain, fault.what) for fault in faults(roots, heads)]


def faults(roots: Any, heads: Any) -> list[Fault]:
    return [fault for fault in check_everything(roots, heads) if fault.what != "unsealed"]


def cut(store: Connections, chain: str, to: int) -> None:
    """What a careful forger does: the head is put back, and whatever bears witness of what was cut is cut too."""
    store.database.events.delete_many({"chain": chain, "seq": {"$gt": to}})
    last = store.database.events.find_one({"chain": chain, "seq": to})
    head = {"seq": to, "mac": last["mac"]} if last else None
    if head is None:
        store.database.chains.delete_one({"_id": chain})
    else:
        store.database.chains.update_one({"_id": chain}, {"$set": head})


def test_anchors_that_hold_have_no_fault(two_days: Path) -> None:
    assert found(two_days) == found() == []
    assert sorted(path.name for path in two_days.iterdir()) == [
        f"ancrage-{anchor.id}.txt" for anchor in Anchor.objects.order_by("id")
    ]


def test_what_is_kept_outside_has_one_size_whatever_was_done(folder: Path, clock: Clock, store: Connections) -> None:
    sizes = set()
    for links in (0, 1, 40):
        for number in range(links):
            extend(clock, f"assessment:{number}")
        anchor = anchored(clock)
        sizes.add((folder / f"ancrage-{anchor.id}.txt").stat().st_size)
        clock.advance(days=1)
    assert len(sizes) == 1


def test_the_same_heads_on_two_days_leave_no_common_digest(folder: Path, clock: Clock) -> None:
    extend(clock)
    key = b"k" * 32
    heads = ["assessment:one 1:" + "a" * 64]
    assert anchors.root_of(key, "2027-01-12", heads, "0" * 64) != anchors.root_of(key, "2027-01-13", heads, "0" * 64)


def test_two_workers_on_one_day_leave_one_anchor(folder: Path, clock: Clock) -> None:
    extend(clock)
    first, second = anchored(clock), anchored(clock)
    assert first.root == second.root and Anchor.objects.count() == 1


def test_a_chain_cut_in_the_base_shows_by_its_own_anchors(two_days: Path, store: Connections) -> None:
    cut(store, ONE, 1)
    assert (ONE, "truncated") in found()


def test_anchors_forged_with_the_cut_show_by_those_kept_outside(
    two_days: Path, store: Connections, clock: Clock
) -> None:
    """The forger removes the second anchor too, and every link that tells of it: the base alone says nothing."""
    cut(store, "anchors", 1)
    cut(store, ONE, 1)
    last = Anchor.objects.order_by("-id").first()
    store.database.anchors.delete_one({"_id": last.id})
    store.database.anchored_heads.delete_many({"day": last.id})
    assert found() == []
    assert found(two_days) == [("anchors", "truncated")]


@pytest.mark.parametrize("field", ["root", "previous"])
def test_an_anchor_rewritten_is_named(two_days: Path, store: Connections, field: str) -> None:
    last = Anchor.objects.order_by("-id").first()
    store.database.anchors.update_one({"_id": last.id}, {"$set": {field: "f" * 64}})
    assert ("anchors", "tampered") in found()


def test_heads_rewritten_in_an_anchor_are_named(two_days: Path, store: Connections) -> None:
    row = store.database.anchored_heads.find_one({})
    assert row is not None
    store.database.anchored_heads.update_one({"_id": row["_id"]}, {"$set": {"heads": row["heads"][1:]}})
    assert found() == [("anchors", "tampered")]


def test_every_anchor_taken_away_is_missed_by_their_chain(two_days: Path, store: Connections) -> None:
    store.database.anchors.delete_many({})
    assert found() == [("anchors", "truncated")] * 2


def test_it_is_mailed_to_whoever_keeps_it(store: Connections, clock: Clock, set_up: Callable[..., None]) -> None:
    set_up(anchors_mail="garde@ailleurs.example")
    extend(clock)
    anchor = anchors.anchor_heads(clock())
    deliver_due(HANDLERS, clock, lambda: False)
    assert store.settings.mail_dir is not None
    (mail,) = store.settings.mail_dir.glob("*.eml")
    assert "garde@ailleurs.example" in mail.read_text()
    assert anchor.root in mail.read_text().replace("=\n", "")


# --- verify says what it had -------------------------------------------------------------------------


def test_verify_says_loudly_what_it_had_none_to_compare_with(folder: Path, clock: Clock) -> None:
    said = " ".join(warnings(False, clock()))
    assert "aucun ancrage gardé hors de la base" in said and "cette base n'a aucun ancrage" in said
    extend(clock)
    anchored(clock)
    assert list(warnings(True, clock())) == []
    clock.advance(days=41)
    assert "il y a 41 jours" in " ".join(warnings(True, clock()))


def test_the_command_says_so_and_reads_a_folder(
    two_days: Path, store: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "connect", lambda: store)
    alone = CliRunner().invoke(commands.cli, ["verify"])
    assert "aucun ancrage gardé hors de la base" in alone.stderr and alone.stdout == "0 défaut.\n"
    compared = CliRunner().invoke(commands.cli, ["verify", "--anchors", str(two_days)])
    assert "aucun ancrage gardé" not in compared.stderr and compared.exit_code == 0


def test_a_copy_that_was_put_back_says_its_day_loudly(clock: Clock) -> None:
    restored = Restored(documents=12, objects=3, faults=[], lost=[], taken_at=clock())
    said = age(restored, clock.advance(days=41))
    assert said.startswith(f"ATTENTION : cette copie est du {restored.taken_at:%d/%m/%Y à %H:%M} UTC, il y a 41 jours.")


def test_the_worker_anchors_by_itself(folder: Path, clock: Clock) -> None:
    extend(clock)
    worker._anchor(clock())
    (kept,) = folder.iterdir()
    assert kept.name == f"ancrage-{clock():%Y-%m-%d}.txt"


# --- time stamps -------------------------------------------------------------------------------------

TSA = """
[tsa]
default_tsa = main
[main]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[stamping]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
"""


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A time-stamping authority of its own: ca.pem, tsa.pem, tsa.key."""
    folder = tmp_path_factory.mktemp("tsa")
    config = folder / "tsa.cnf"
    config.write_text(TSA.format(folder=folder))
    (folder / "serial").write_text("01\n")
    ca = ("-x509", "-subj", "/CN=Racine", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem", "-days", "40000")
    config_ca = folder / "req.cnf"
    config_ca.write_text("[req]\ndistinguished_name = dn\n[dn]\n" + TSA.format(folder=folder))
    made = ("req", "-newkey", "rsa:2048", "-nodes", "-config", str(config_ca))
    openssl(*made, *ca, "-extensions", "authority")
    openssl(*made, "-subj", "/CN=Horodatage", "-keyout", f"{folder}/tsa.key", "-out", f"{folder}/tsa.csr")
    signed = ("x509", "-req", "-in", f"{folder}/tsa.csr", "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key")
    signed += ("-CAcreateserial", "-days", "40000", "-extfile", str(config), "-extensions", "stamping")
    openssl(*signed, "-out", f"{folder}/tsa.pem")
    return folder


@pytest.fixture
def answering(authority: Path) -> Iterator[str]:
    """`openssl ts` behind an address on loopback."""

    class Stamps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = authority / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            said = openssl("ts", "-reply", "-config", f"{authority}/tsa.cnf", "-queryfile", str(query))
            if self.path == "/granted-with-mods":
                said = said.replace(b"\x02\x01\x00", b"\x02\x01\x01", 1)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Stamps)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_anchor_is_stamped_by_an_authority_and_the_stamp_is_held_against_its_root(
    store: Connections, clock: Clock, set_up: Callable[..., None], authority: Path, answering: str, tmp_path: Path
) -> None:
    clock.now = datetime.now(UTC)
    set_up(tsa_url=answering, tsa_ca_file=authority / "ca.pem", anchors_dir=tmp_path, clock=timedelta())
    extend(clock)
    anchor = anchored(clock)
    assert anchor.timestamp == (tmp_path / f"ancrage-{anchor.id}.tsr").read_bytes()
    seen = timestamps.checked(anchor.timestamp, bytes.fromhex(anchor.root), authority / "ca.pem")
    assert abs(seen - clock.now) < timedelta(days=1)
    assert found() == []
    with pytest.raises(timestamps.NotStamped):
        timestamps.checked(anchor.timestamp, b"another root", authority / "ca.pem")
    stamp = timestamps.ask(b"another root")
    store.database.anchors.update_one({}, {"$set": {"timestamp": stamp}})
    assert found() == [("anchors", "tampered")] * 2  # not of its root, and not the one that its link names


def test_without_an_answer_the_anchor_is_made_all_the_same(
    store: Connections, clock: Clock, set_up: Callable[..., None], answering: str
) -> None:
    set_up(tsa_url="http://127.0.0.1:9/")
    extend(clock)
    assert anchors.anchor_heads(clock()).timestamp is None


def test_an_answer_that_is_no_http_costs_the_stamp_and_not_the_anchor(
    store: Connections, clock: Clock, set_up: Callable[..., None], silent: str
) -> None:
    set_up(tsa_url=silent)
    extend(clock)
    assert anchors.anchor_heads(clock()).timestamp is None


@pytest.fixture
def silent() -> Iterator[str]:
    """Something that speaks no HTTP."""
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        other, _ = listening.accept()
        with other:
            other.recv(65_536)
            other.sendall(b"220 mail.exemple.fr ESMTP\r\n")

    threading.Thread(target=answer, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    listening.close()


def test_a_stamp_granted_with_modifications_is_kept_and_holds(
    store: Connections, clock: Clock, set_up: Callable[..., None], authority: Path, answering: str
) -> None:
    clock.now = datetime.now(UTC)
    set_up(tsa_url=f"{answering}granted-with-mods", tsa_ca_file=authority / "ca.pem")
    extend(clock)
    anchor = anchors.anchor_heads(clock())
    assert anchor.timestamp is not None and b"\x02\x01\x01" in anchor.timestamp[:12]
    assert found() == [] and "sans horodatage" not in " ".join(warnings(True, clock()))


def test_a_time_stamp_that_was_taken_away_is_missed_by_the_link_of_its_anchor(
    store: Connections, clock: Clock, set_up: Callable[..., None], authority: Path, answering: str
) -> None:
    clock.now = datetime.now(UTC)
    set_up(tsa_url=answering, tsa_ca_file=authority / "ca.pem")
    extend(clock)
    anchors.anchor_heads(clock())
    store.database.anchors.update_one({}, {"$unset": {"timestamp": ""}})
    assert found() == [("anchors", "tampered")]
    assert "1 ancrage sans horodatage" in " ".join(warnings(True, clock()))


# --- a day that was missed ---------------------------------------------------------------------------


def test_an_anchor_that_could_not_be_kept_is_said_and_kept_as_soon_as_it_can_be(
    store: Connections, folder: Path, clock: Clock
) -> None:
    folder.write_bytes(b"a disk that is not mounted")
    extend(clock)
    with capture_logs() as said:
        worker._anchor(clock())
    (told,) = (one for one in said if one["event"] == "anchor_not_kept")
    assert told["day"] == f"{clock():%Y-%m-%d}"
    folder.unlink()
    clock.advance(days=1)
    worker._anchor(clock())
    assert [path.stem for path in sorted(folder.iterdir())] == [f"ancrage-{one.id}" for one in Anchor.objects]
    assert Anchor.objects.count() == 2


def test_a_file_lost_between_the_commit_and_the_disk_is_written_the_next_hour(
    two_days: Path, clock: Clock, bucket: Any
) -> None:
    first = sorted(two_days.iterdir())[0]
    line = first.read_text()
    first.unlink()
    worker._tidy(clock())
    assert first.read_text() == line


def test_a_worker_that_was_down_at_the_hour_makes_the_anchor_when_it_is_back(
    folder: Path, clock: Clock, bucket: Any
) -> None:
    extend(clock)
    clock.now = clock().replace(hour=2, minute=10)
    worker._tidy(clock())
    assert Anchor.objects.count() == 0
    clock.now = clock().replace(hour=14)
    worker._tidy(clock())
    assert [path.name for path in folder.iterdir()] == [f"ancrage-{clock():%Y-%m-%d}.txt"]
