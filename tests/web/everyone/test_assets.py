"""What the pages are drawn with."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable

from flask.testing import FlaskClient

from tests.support.worlds.world import World
from web.layout import STATIC

PICO = "fbc9a63fc9fc9f72d12fd7fc9806e11fa9f77ae4f9cad146b27003a1119ba3db"
HEAVIEST_BYTES = 150_000


def test_the_css_base_is_the_published_one() -> None:
    assert hashlib.sha256((STATIC / "vendor/pico.min.css").read_bytes()).hexdigest() == PICO


def test_a_first_load_weighs_little_and_its_files_are_kept_for_ever(anonymous: FlaskClient) -> None:
    html = anonymous.get("/connexion").get_data()
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', html.decode())
    assert len(files) >= 4
    weight = len(gzip.compress(html))
    for file in files:
        with anonymous.get(file) as answer:
            assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
            weight += len(gzip.compress(answer.get_data()))
    assert weight < HEAVIEST_BYTES


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
