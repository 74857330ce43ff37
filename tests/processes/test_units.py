"""Units, environment and proxy as they are shipped, and whom a service behind them believes."""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import gunicorn as gunicorn_settings
from config.settings import Settings
from portfolio.files.scans import LARGEST_SCAN
from portfolio.identity.client_fingerprint import keyed
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.processes.deployed import DEPLOY, environment_file, unit
from tests.support.api.requests import API
from web.app import create_site
from web.candidate.deposit import BESIDE_FILES
from web.layout import STATIC
from web.pages import BESIDE_A_FILE

ROOT = Path(__file__).parents[2]
UNITS = ("portfolio-web.service", "portfolio-worker.service")
HARDENED = ("NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces")
GUNICORN_OWN = {"BIND", "WEB_CONCURRENCY", "WEB_THREADS", "WEB_DEPOSITS"}
Sites = Callable[..., FlaskClient]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_what_is_there_comes_back_and_may_do_little(name: str) -> None:
    service = unit(name)
    home = service["WorkingDirectory"]
    for word in service["ExecStart"].split()[1:]:
        if word.endswith(".py"):
            assert (ROOT / word).is_file()
    assert service["ExecStart"].startswith(f"{home}/.venv/bin/")
    assert service["Restart"] == "always"
    assert service["User"] not in ("", "root")
    assert service["EnvironmentFile"].startswith("/etc/")
    assert all(service[word] in ("yes", "strict") for word in HARDENED)
    assert not [word for word in service if "KEY" in word or "TOKEN" in word]


def test_every_unit_is_hardened_alike() -> None:
    def restraints(name: str) -> set[tuple[str, str]]:
        prefixes = (
            "Protect",
            "Private",
            "Restrict",
            "SystemCall",
            "Lock",
            "NoNew",
            "Capab",
            "Ambient",
            "UMask",
            "Proc",
        )
        return {(word, value) for word, value in unit(name).items() if word.startswith(prefixes)}

    assert restraints(UNITS[0]) == restraints(UNITS[1]) == restraints("portfolio-nightly@.service")


def test_a_stop_leaves_gunicorn_the_time_it_leaves_to_requests() -> None:
    assert int(unit(UNITS[0])["TimeoutStopSec"]) > gunicorn_settings.graceful_timeout


def test_the_environment_to_fill_in_names_settings_that_exist_and_starts_once_its_secrets_are_drawn() -> None:
    offered = environment_file()
    assert set(offered) - GUNICORN_OWN <= {setting.name.upper() for setting in fields(Settings)}
    drawn = {name: name[0] * 48 for name, value in offered.items() if not value}
    assert {"SECRET_KEY", "CHAIN_KEY", "S3_SECRET_ACCESS_KEY", "METRICS_TOKEN"} <= set(drawn)
    assert Settings.from_environment(offered | drawn).trusted_hops == 1


def test_the_proxy_lets_no_more_than_a_part_pass_and_closes_before_gunicorn() -> None:
    """What it does is tests/processes/proxy/test_front.py."""
    text = (DEPLOY / "nginx.conf").read_text()
    most = {int(most) << 20 for most in re.findall(r"client_max_body_size (\d+)m;", text)}
    assert most == {1 << 20, Settings.part_bytes + BESIDE_FILES}
    assert Settings.part_bytes + BESIDE_FILES > LARGEST_SCAN + BESIDE_A_FILE
    (idle,) = re.findall(r"keepalive_timeout (\d+)s;", text)
    assert int(idle) < gunicorn_settings.keepalive
    assert text.count("access_log off;") == text.count("\nserver {")
    assert "Strict-Transport-Security" in text


def test_the_proxy_compresses_what_a_page_is_drawn_with_and_no_json_whose_etag_is_its_revision() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    (types,) = re.findall(r"^\s*gzip_types (.+);$", text, re.MULTILINE)
    assert "gzip on;" in text
    drawn_with = {mimetypes.guess_type(path)[0] for path in STATIC.rglob("*") if path.suffix in (".css", ".js", ".svg")}
    assert set(types.split()) == drawn_with


def test_the_proxy_replaces_what_a_browser_says_of_its_own_address() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert set(re.findall(r"X-Forwarded-For (.+);", text)) == {"$remote_addr"}
    for header in ("X-Forwarded-Proto $scheme", "X-Forwarded-Host $host", "X-Request-Id $request_id"):
        assert f"proxy_set_header {header};" in text


@pytest.fixture
def site_with(settings: Settings, app: Flask, clock: Clock) -> Iterator[Sites]:
    """Somebody who speaks to a service started with other settings, from the address of a proxy."""
    made = []

    def make(remote: str = "10.0.0.1", **changed: Any) -> FlaskClient:
        made.append(create_site(replace(settings, **changed), clock))
        client = made[-1].test_client()
        client.environ_base["REMOTE_ADDR"] = remote
        return client

    yield make


def attempt(client: FlaskClient, number: int, forwarded: str) -> int:
    """One more invitation guessed."""
    guessed = {"token": f"guess-{number}", "password": "x"}
    headers = {"X-Forwarded-For": forwarded, "Origin": "http://localhost"}
    return client.post(f"{API}/invitations/accept", json=guessed, headers=headers).status_code


def test_an_address_made_up_before_the_trusted_hop_does_not_escape_the_count(site_with: Sites) -> None:
    client = site_with(trusted_hops=1)
    statuses = [attempt(client, number, f"6.6.6.{number}, 192.0.2.7") for number in range(201)]
    assert statuses == [409] * 200 + [429]
    assert attempt(client, 500, "192.0.2.7, 192.0.2.8") == 409, "another visitor of the same proxy is not blocked"


def test_without_a_trusted_hop_no_header_is_believed(site_with: Sites, store: Connections) -> None:
    client = site_with(trusted_hops=0)
    for number in range(3):
        assert attempt(client, number, f"6.6.6.{number}") == 409
    assert origins(store) == {"10.0.0.1"}


def test_with_two_hops_the_address_that_the_outer_one_saw_counts(site_with: Sites, store: Connections) -> None:
    client = site_with(trusted_hops=2)
    for number in range(3):
        assert attempt(client, number, f"6.6.6.{number}, 192.0.2.7, 10.0.0.9") == 409
    assert origins(store) == {"192.0.2.7"}


def origins(store: Connections) -> set[str]:
    """The addresses that attempts are counted under, of those that were named."""
    counted = {row["_id"].partition(":")[2] for row in store.database["attempts"].find()}
    named = ["10.0.0.1", "10.0.0.9", "192.0.2.7", *(f"6.6.6.{number}" for number in range(3))]
    return {address for address in named if keyed("attempts", address) in counted}


def test_a_service_reached_by_https_asks_browsers_to_stay_there(site_with: Sites) -> None:
    secure, plain = site_with(public_url="https://portfolio.exemple.fr"), site_with()
    for path in ("/healthz", f"{API}/me", "/nowhere", "/invitation/none", "/static/site.css"):
        with secure.get(path) as answer:
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        with plain.get(path) as answer:
            assert "Strict-Transport-Security" not in answer.headers


def test_gunicorn_believes_nobody_since_trusted_hops_says_whom() -> None:
    assert gunicorn_settings.forwarded_allow_ips == ""
    assert not os.environ.get("FORWARDED_ALLOW_IPS")
