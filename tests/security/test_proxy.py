"""What the proxy of deploy/ speaks."""

from __future__ import annotations

import re
from pathlib import Path

NGINX = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text()


def test_the_proxy_speaks_tls_of_today_alone() -> None:
    assert re.findall(r"^\s*ssl_protocols (.+);", NGINX, re.MULTILINE) == ["TLSv1.2 TLSv1.3"]
    assert re.findall(r"^\s*listen (?:\[::\]:)?443 (.+);", NGINX, re.MULTILINE) == ["ssl http2", "ssl http2"]
    assert "ssl_session_tickets off;" in NGINX and "server_tokens off;" in NGINX
