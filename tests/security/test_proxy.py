"""What the proxy of deploy/ speaks."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from api.http.headers import HSTS

NGINX = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text()


def test_the_proxy_speaks_tls_of_today_alone() -> None:
    assert re.findall(r"^\s*ssl_protocols (.+);", NGINX, re.MULTILINE) == ["TLSv1.2 TLSv1.3"]
    assert re.findall(r"^\s*listen (?:\[::\]:)?443 (.+);", NGINX, re.MULTILINE) == ["ssl http2", "ssl http2"]
    assert "ssl_session_tickets off;" in NGINX and "server_tokens off;" in NGINX


def test_every_cipher_has_forward_secrecy_and_authenticated_encryption() -> None:
    (named,) = re.findall(r"^\s*ssl_ciphers (.+);", NGINX, re.MULTILINE)
    assert all(
        re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)", one) for one in named.split(":")
    )
    known = subprocess.run(["openssl", "ciphers", named], capture_output=True, text=True, check=True).stdout
    assert set(named.split(":")) <= set(known.strip().split(":"))


def test_a_page_is_led_from_http_to_https_and_a_program_is_refused() -> None:
    (plain,) = re.findall(r"server \{\s+listen 80;.*?\n\}", NGINX, re.DOTALL)
    answers = dict(re.findall(r"location (?:= )?(/\S*) \{ return (\d+)", plain))
    assert answers == {"/": "301", "/api/": "403", "/bounces": "403", "/metrics": "403"}
    assert not re.search(r"^    return", plain, re.MULTILINE)


def test_what_the_proxy_answers_by_itself_says_hsts_as_the_application_does() -> None:
    assert set(re.findall(r'Strict-Transport-Security "(.+)" always', NGINX)) == {HSTS}
