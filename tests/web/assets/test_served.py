"""What the pages are drawn with."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.browser.page_weight import first_load
from tests.support.worlds.world import World
from web.assets.joined import STATIC
from web.assets.served import asset_named

PICO = "fbc9a63fc9fc9f72d12fd7fc9806e11fa9f77ae4f9cad146b27003a1119ba3db"
HEAVIEST_BYTES = 80_000
FOR_EVER = "public, max-age=31536000, immutable"


def test_the_css_base_is_the_published_one() -> None:
    assert hashlib.sha256((STATIC / "vendor/pico.min.css").read_bytes()).hexdigest() == PICO


def files_of(html: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', html)


def test_a_first_load_weighs_little(anonymous: FlaskClient) -> None:
    html = anonymous.get("/connexion").get_data()
    assert len(files_of(html.decode())) == 2
    assert first_load(html) < HEAVIEST_BYTES


def test_a_file_is_kept_for_ever_whoever_asks_for_it_by_its_version(
    world: World, client_for: Callable[..., FlaskClient]
) -> None:
    client = client_for(world.candidate)
    with client.session_transaction() as session:
        session["own"] = "what this browser has"
        session.permanent = True
    for file in files_of(client.get("/portfolio").text):
        for asked, encoding in (("gzip, deflate, br", "gzip"), ("identity", None), ("gzip;q=0", None)):
            with client.get(file, headers={"Accept-Encoding": asked}) as answer:
                assert answer.status_code == 200 and answer.headers["Cache-Control"] == FOR_EVER
                assert answer.headers["Vary"] == "Accept-Encoding" and "Set-Cookie" not in answer.headers
                assert answer.headers.get("Content-Encoding") == encoding
                content = gzip.decompress(answer.data) if encoding else answer.data
            assert file.endswith(f"?v={hashlib.sha256(content).hexdigest()[:12]}")
            with client.get(file, headers={"Accept-Encoding": asked, "If-None-Match": answer.headers["ETag"]}) as again:
                assert (again.status_code, again.data) == (304, b"")
                assert again.headers["Cache-Control"] == FOR_EVER


@pytest.mark.parametrize("version", ["", "?v=", "?v=0123456789ab"])
def test_a_file_that_is_not_asked_for_by_its_version_is_asked_for_again(anonymous: FlaskClient, version: str) -> None:
    with anonymous.get(f"/static/site.css{version}") as answer:
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-cache"


def test_a_part_of_a_file_is_a_part_of_what_it_says(anonymous: FlaskClient) -> None:
    whole = asset_named("site.css").content
    with anonymous.get("/static/site.css", headers={"Range": "bytes=10-19", "Accept-Encoding": "gzip"}) as answer:
        assert (answer.status_code, answer.data) == (206, whole[10:20]) and "Content-Encoding" not in answer.headers


def test_a_page_runs_only_our_own_scripts_and_is_framed_by_nobody(anonymous: FlaskClient) -> None:
    policy = anonymous.get("/connexion").headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy and "default-src 'none'" in policy


def test_only_the_pages_that_send_files_may_speak_to_the_store_and_only_where_files_go_there(
    world: World, client_for: Callable[..., FlaskClient], set_up: Callable[..., None]
) -> None:
    shown_to = [(world.candidate, "/portfolio"), (world.candidate, "/compte"), (world.follower, "/compte")]

    def spoken_to() -> list[str]:
        answers = [client_for(person).get(address) for person, address in shown_to]
        policies = [answer.headers["Content-Security-Policy"] for answer in answers]
        return [re.findall(r"connect-src ([^;]+);", policy)[0] for policy in policies]

    set_up(s3_public_endpoint_url="https://s3.exemple.fr")
    assert spoken_to() == ["'self'", "'self'", "'self'"]
    set_up(s3_public_endpoint_url="https://s3.exemple.fr", upload_way="presigned")
    assert spoken_to() == ["'self' https://s3.exemple.fr", "'self' https://s3.exemple.fr", "'self'"]
