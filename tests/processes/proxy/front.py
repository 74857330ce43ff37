"""nginx with deploy/nginx.conf, of which the addresses alone are replaced, in front of gunicorn; both on 127.0.0.1."""

from __future__ import annotations

import http.client
import json
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from config.processes import HOST, die_with, free_port
from tests.support.mails.mailbox import ROOT
from tests.support.waiting import LONG_S, await_until

SITE = ROOT / "deploy" / "nginx.conf"
THREADS = 4  # of gunicorn: fewer than there are slow senders
SEARCHED = f"{os.environ['PATH']}:/usr/sbin"
# What Debian's /etc/nginx/nginx.conf says around a site, with folders of its own.
AROUND = """
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Answer:
    """One answer as it came. told: its body, where that is JSON."""

    def __init__(self, came: http.client.HTTPResponse) -> None:
        came.begin()
        self.status, self.headers, self.body = came.status, came.headers, came.read()

    @property
    def told(self) -> Any:
        return json.loads(self.body)


class Line:
    """One connection, spoken to byte by byte."""

    def __init__(self, opened: socket.socket) -> None:
        self.socket = opened

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.socket.sendall(piece)

    def send_what_is_taken(self, data: bytes) -> None:
        """The other side may have hung up on it already."""
        with suppress(OSError):
            self.socket.sendall(data)

    def answer(self) -> Answer:
        return Answer(http.client.HTTPResponse(self.socket))

    def rest(self) -> bytes:
        """Everything until the other side hangs up."""
        heard = b""
        with suppress(ConnectionResetError):
            while piece := self.socket.recv(65536):
                heard += piece
        return heard


class Front:
    """folder: nginx's own. port: where it listens in TLS. behind: gunicorn's port."""

    def __init__(self, folder: Path, log: Path, behind: int) -> None:
        self.folder, self.log, self.behind = folder, log, behind
        self.port, self.plain_port = free_port(), free_port()

    def site(self, **changed: str) -> str:
        """The file of deploy/. changed: time-outs of it, for who cannot wait."""
        text = SITE.read_text()
        text = "".join(line for line in text.splitlines(keepends=True) if "listen [::]" not in line)
        replaced = {
            "127.0.0.1:8000": f"{HOST}:{self.behind}",
            "listen 80;": f"listen {HOST}:{self.plain_port};",
            "listen 443 ": f"listen {HOST}:{self.port} ",
            "/etc/letsencrypt/live/portfolio.exemple.fr": str(self.folder),
            "/var/log/nginx": str(self.folder),
            "portfolio.exemple.fr": "localhost",
        }
        for before, after in (replaced | changed).items():
            assert before in text, f"{SITE.name} no longer says {before}"
            text = text.replace(before, after)
        return text

    @contextmanager
    def running(self, **changed: str) -> Iterator[None]:
        """As whoever runs the tests, or as nobody where that is root."""
        nginx = shutil.which("nginx", path=SEARCHED)
        assert nginx, "make system-tests"
        (self.folder / "site.conf").write_text(self.site(**changed))
        (self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder))
        certify(self.folder)
        user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        if user:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, user.pw_uid, user.pw_gid)
        options = ["-p", str(self.folder), "-c", "nginx.conf", "-e", "error.log", "-g", "daemon off;"]
        self.nginx = subprocess.Popen(
            [nginx, *options],
            user=user and user.pw_uid,
            group=user and user.pw_gid,
            extra_groups=[] if user else None,
            preexec_fn=partial(die_with, os.getpid()),
        )
        try:
            await_until(lambda: self.nginx.poll() is not None or listens(self.port), "nginx does not start")
            assert self.nginx.poll() is None, (self.folder / "error.log").read_text()
            yield
        finally:
            self.nginx.terminate()
            self.nginx.wait(LONG_S)

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.folder / "fullchain.pem")

    def client(self, token: str | None = None) -> httpx.Client:
        """Speaks HTTP/2, as browsers do."""
        headers = {"Authorization": f"Bearer {token}"} if token else {"Origin": "https://localhost"}
        return httpx.Client(base_url=self.address, verify=self.trusted(), headers=headers, timeout=LONG_S, http2=True)

    @contextmanager
    def line(self) -> Iterator[Line]:
        with (
            socket.create_connection((HOST, self.port), LONG_S) as opened,
            self.trusted().wrap_socket(opened, server_hostname="localhost") as secured,
        ):
            yield Line(secured)

    @contextmanager
    def line_behind(self) -> Iterator[Line]:
        """To gunicorn itself."""
        with socket.create_connection((HOST, self.behind), LONG_S) as opened:
            yield Line(opened)

    def reached(self) -> Counter[str]:
        """How many requests of each rule the application has answered."""
        rows = (json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{"))
        return Counter(f"{row['method']} {row['route']}" for row in rows if row.get("event") == "request")

    def kept_bytes(self) -> int:
        """Of bodies that nginx holds on the disk: files without a name, which no listing shows."""
        children = Path(f"/proc/{self.nginx.pid}/task/{self.nginx.pid}/children").read_text().split()
        held = [link for pid in children for link in Path(f"/proc/{pid}/fd").iterdir()]
        return sum(map(self._bytes_of_body, held))

    def _bytes_of_body(self, link: Path) -> int:
        """None of what nginx closed meanwhile, or holds for something else."""
        try:
            return link.stat().st_size if str(self.folder / "bodies") in os.readlink(link) else 0
        except OSError:
            return 0


def certify(folder: Path) -> None:
    """A certificate of localhost that nobody vouches for."""
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    kept = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([*made, *named, *kept], check=True, capture_output=True)


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) == 0


def serves(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/readyz", timeout=LONG_S).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def standing(environment: Mapping[str, str]) -> Iterator[Front]:
    """gunicorn on the stores that the environment names; nginx is not started yet."""
    with ExitStack() as leaving:
        # Not below pytest's folder, which is closed to nobody.
        folder = Path(leaving.enter_context(tempfile.TemporaryDirectory(prefix="e5-front-")))
        front = Front(folder / "nginx", folder / "log", free_port())
        folder.chmod(0o755)
        front.folder.mkdir()
        bind = {"BIND": f"{HOST}:{front.behind}", "WEB_CONCURRENCY": "1", "WEB_THREADS": str(THREADS)}
        told = {"PUBLIC_URL": "https://localhost", "TRUSTED_HOPS": "1", "LOG_LEVEL": "INFO"}
        command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "wsgi:app"]
        with front.log.open("w") as written:
            server = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**environment, **bind, **told},
                stderr=written,
                preexec_fn=partial(die_with, os.getpid()),
            )
        try:
            await_until(lambda: server.poll() is not None or serves(front.behind), "gunicorn does not start")
            assert server.poll() is None, front.log.read_text()
            yield front
        finally:
            server.terminate()
            server.wait(LONG_S)
