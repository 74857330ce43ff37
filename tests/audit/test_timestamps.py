"""Time stamps of anchors, by an authority that is made here."""

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

from portfolio.audit import anchors, timestamps
from portfolio.audit.verify_anchors import warnings
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.acts.anchoring import anchored, extend, found

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
