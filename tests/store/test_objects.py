import multiprocessing
import os
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from urllib.parse import quote

import pytest
import urllib3

from portfolio.errors import Unavailable
from portfolio.store.objects.refusals import ObjectGone
from tests.support.acts.local_storage import content, local_storage_at, serving
from tests.support.waiting import await_until

MIB = 1024 * 1024


# --- objects ------------------------------------------------------------------------------------------


def test_a_range_is_read_without_the_rest(storage):
    storage.put("object/range", b"0123456789", "text/plain")

    assert storage.read_range("object/range", 2, 3) == b"234"
    assert storage.read_range("object/range", 8, 100) == b"89"
    assert storage.read_range("object/range", 10, 1) == b""


def test_what_is_not_there_is_said_so(storage):
    assert storage.head("object/nothing") is None
    storage.delete("object/nothing")
    with pytest.raises(ObjectGone):
        storage.open("object/nothing")
    with pytest.raises(ObjectGone):
        storage.read_range("object/nothing", 0, 1)


def test_a_deleted_object_is_gone(storage):
    storage.put("object/deleted", b"here", "text/plain")
    assert storage.head("object/deleted") == 4

    storage.delete("object/deleted")

    assert storage.head("object/deleted") is None


def test_a_large_object_is_read_in_flat_memory(storage):
    size = 24 * MIB
    storage.put("object/large", os.urandom(size), "application/octet-stream")

    tracemalloc.start()
    try:
        read = sum(len(chunk) for chunk in storage.open("object/large"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert read == size
    assert peak < 6 * MIB


def test_lists_go_on_over_many_answers(storage, monkeypatch):
    monkeypatch.setattr("portfolio.store.objects.bucket.PAGE", 2)
    for number in range(5):
        storage.put(f"listed/{number}", b"x" * number, "text/plain")
    uploads = {storage.start_multipart(f"pending/{number}", "text/plain") for number in range(3)}
    upload = uploads.pop()
    key = next(pending.key for pending in storage.list_uploads() if pending.upload_id == upload)
    for number in (4, 1, 3, 2, 5):
        storage.put_part(key, upload, number, b"part")

    assert {found.key: found.size for found in storage.list_keys("listed/")} == {f"listed/{n}": n for n in range(5)}
    assert sum(pending.key.startswith("pending/") for pending in storage.list_uploads()) == 3
    assert sorted(storage.list_parts(key, upload)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", ["Résumé d'été – 2027 (€).pdf", 'guillemets " et ; point.pdf', "100 %.pdf"])
def test_a_download_link_saves_the_file_under_its_own_name(storage, name):
    storage.put("object/named", b"%PDF", "application/octet-stream")

    answer = urllib3.request("GET", storage.presign_download("object/named", name, "application/pdf", expires_s=60))

    assert (answer.status, answer.data, answer.headers["Content-Type"]) == (200, b"%PDF", "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"  # a shared computer keeps no copy of its own
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="')
    assert disposition.endswith(f"; filename*=UTF-8''{quote(name, safe='')}")
    assert disposition.isascii()
    assert disposition.count('"') == 2


def test_a_name_cannot_add_a_header_to_a_download(storage):
    storage.put("object/injected", b"x", "text/plain")
    link = storage.presign_download("object/injected", "a\r\nSet-Cookie: b=c\n/../x.pdf", "text/plain", expires_s=60)

    answer = urllib3.request("GET", link)

    assert "Set-Cookie" not in answer.headers
    assert 'filename="a__Set-Cookie: b=c__.._x.pdf"' in answer.headers["Content-Disposition"]


def test_a_download_link_expires(storage):
    storage.put("object/brief", b"x", "text/plain")
    link = storage.presign_download("object/brief", "x.txt", "text/plain", expires_s=1)

    await_until(lambda: urllib3.request("GET", link).status == 403, "it still opens", seconds=5)


@pytest.mark.parametrize("key", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", "a\\b", "a b", "é"])
def test_a_key_that_stores_read_differently_is_never_sent(storage, key):
    with pytest.raises(ValueError, match="plain segments"):
        storage.put(key, b"x", "text/plain")


# --- threads, processes, outages ----------------------------------------------------------------------


def test_threads_share_a_store(settings):
    storage = local_storage_at(settings.s3_endpoint_url, settings)

    def write_and_read(number):
        storage.put(f"threads/{number}", str(number).encode(), "text/plain")
        return content(storage, f"threads/{number}")

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(write_and_read, range(40))) == [str(number).encode() for number in range(40)]


def test_forked_workers_do_not_share_connections(storage):
    for number in range(2):
        storage.put(f"forked/{number}", str(number).encode() * 1000, "text/plain")
    context = multiprocessing.get_context("fork")
    wrong = context.Queue()

    def read_often(number):
        expected = str(number).encode() * 1000
        wrong.put(sum(content(storage, f"forked/{number}") != expected for _ in range(30)))

    workers = [context.Process(target=read_often, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0, 0]
    assert [wrong.get(timeout=5), wrong.get(timeout=5)] == [0, 0]


def test_a_missing_bucket_is_made_when_asked_for(settings):
    storage = local_storage_at(settings.s3_endpoint_url, settings, bucket="another-bucket")
    with pytest.raises(Unavailable):
        storage.put("object", b"x", "text/plain")

    storage.ensure_bucket()
    storage.ensure_bucket()

    storage.put("object", b"x", "text/plain")


def test_wrong_keys_are_an_outage_and_not_the_fault_of_who_deposits(settings):
    storage = local_storage_at(settings.s3_endpoint_url, settings, secret_key="wrong")

    for attempt in (
        storage.ping,
        storage.ensure_bucket,
        lambda: storage.head("object"),
        lambda: storage.open("object"),
    ):
        with pytest.raises(Unavailable):
            attempt()


def test_a_store_in_trouble_is_asked_three_times_then_said_unavailable(settings):
    asked = []

    class Troubled(BaseHTTPRequestHandler):
        def do_HEAD(self):
            asked.append(self.path)
            self.send_response(503)
            self.end_headers()

        def log_message(self, *_):
            """Quiet."""

    with serving(Troubled) as address, pytest.raises(Unavailable) as refused:
        local_storage_at(address, settings).head("object")

    assert len(asked) == 3
    assert refused.value.facts["retry_after"] == 5


def test_a_store_that_breaks_off_in_the_middle_of_a_file_is_unavailable(settings):
    class BreaksOff(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"only this")

        def log_message(self, *_):
            """Quiet."""

    with serving(BreaksOff) as address, pytest.raises(Unavailable):
        content(local_storage_at(address, settings), "object")
