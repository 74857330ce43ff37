import http.client
import multiprocessing
import os
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

import pytest
import urllib3

from config.embedded import Engines
from config.settings import Settings
from portfolio.errors import Unavailable
from portfolio.store.objects.refusals import BadParts, DamagedPart, ObjectGone, UploadGone
from tests.support.both_stores import storage_at
from tests.support.http_server import running
from tests.support.waiting import await_until

MIB = 1024 * 1024
FULL_PART = b"p" * (5 * MIB)


@pytest.fixture(scope="module")
def storage(settings):
    storage = local_storage_at(settings.s3_endpoint_url, settings)
    storage.ensure_bucket()
    return storage


def local_storage_at(endpoint_url, settings, **changed):
    public = {"public_endpoint_url": endpoint_url.replace("127.0.0.1", "localhost")}
    return storage_at(endpoint_url, settings, **public | changed)


@contextmanager
def serving(handler):
    with running(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as address:
        yield address


def content(storage, key):
    return b"".join(storage.open(key))


# --- parts --------------------------------------------------------------------------------------------


def test_parts_sent_out_of_order_and_resumed_elsewhere_make_the_file(storage, settings):
    upload = storage.start_multipart("multipart/order", "application/pdf")
    storage.put_part("multipart/order", upload, 2, b"the end")

    resumed = local_storage_at(settings.s3_endpoint_url, settings)
    assert {number: part.size for number, part in resumed.list_parts("multipart/order", upload).items()} == {2: 7}
    resumed.put_part("multipart/order", upload, 1, FULL_PART)
    parts = resumed.list_parts("multipart/order", upload)
    resumed.complete("multipart/order", upload, {number: part.etag for number, part in parts.items()})

    assert content(storage, "multipart/order") == FULL_PART + b"the end"


def test_a_part_sent_again_replaces_the_former_one(storage):
    upload = storage.start_multipart("multipart/again", "application/pdf")
    for attempt in range(4):
        if attempt == 3:
            time.sleep(1.01)  # the store dates parts to the second
        etag = storage.put_part("multipart/again", upload, 1, b"attempt %d" % attempt)

    assert storage.list_parts("multipart/again", upload) == {1: (etag, 9)}
    storage.complete("multipart/again", upload, {1: etag})
    assert content(storage, "multipart/again") == b"attempt 3"


def test_completing_twice_is_harmless(storage):
    upload = storage.start_multipart("multipart/twice", "application/pdf")
    parts = {1: storage.put_part("multipart/twice", upload, 1, b"once")}

    storage.complete("multipart/twice", upload, parts)
    storage.complete("multipart/twice", upload, parts)

    assert content(storage, "multipart/twice") == b"once"


def test_a_small_part_in_the_middle_is_refused_in_words(storage):
    upload = storage.start_multipart("multipart/small", "application/pdf")
    parts = {number: storage.put_part("multipart/small", upload, number, b"small") for number in (1, 2)}

    with pytest.raises(BadParts, match="bad_parts"):
        storage.complete("multipart/small", upload, parts)
    with pytest.raises(BadParts):
        storage.complete("multipart/small", upload, {})
    assert storage.head("multipart/small") is None


def test_an_aborted_upload_is_gone_and_no_longer_listed(storage):
    upload = storage.start_multipart("multipart/abort", "application/pdf")
    assert [pending.upload_id for pending in storage.list_uploads() if pending.key == "multipart/abort"] == [upload]

    storage.abort("multipart/abort", upload)
    storage.abort("multipart/abort", upload)

    assert "multipart/abort" not in [pending.key for pending in storage.list_uploads()]
    with pytest.raises(UploadGone):
        storage.put_part("multipart/abort", upload, 1, b"too late")
    with pytest.raises(UploadGone):
        storage.list_parts("multipart/abort", upload)
    with pytest.raises(UploadGone):
        storage.complete("multipart/abort", upload, {1: '"etag"'})


def test_bytes_altered_on_the_way_are_refused_by_the_store(storage, settings):
    target = urlsplit(settings.s3_endpoint_url)

    class Damaging(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self):
            body = bytearray(self.rfile.read(int(self.headers["Content-Length"])))
            body[0] ^= 1
            headers = {name: value for name, value in self.headers.items() if name != "Expect"}
            onward = http.client.HTTPConnection(target.hostname, target.port)
            onward.request("PUT", self.path, bytes(body), headers)
            answer = onward.getresponse()
            text = answer.read()
            onward.close()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            """Quiet."""

    upload = storage.start_multipart("multipart/damaged", "application/pdf")
    with serving(Damaging) as address:
        damaged = local_storage_at(address, settings)
        with pytest.raises(DamagedPart):
            damaged.put_part("multipart/damaged", upload, 1, b"intact")
        with pytest.raises(DamagedPart):
            damaged.put("object/damaged", b"intact", "application/pdf")

    assert storage.list_parts("multipart/damaged", upload) == {}
    assert storage.head("object/damaged") is None


def test_a_browser_sends_a_part_straight_to_the_store_by_a_signed_link(storage):
    upload = storage.start_multipart("multipart/signed", "application/pdf")
    link = storage.presign_part("multipart/signed", upload, 1, size=8, expires_s=60)

    assert link.startswith("http://localhost:")
    assert urllib3.request("PUT", link, body=b"straight").status == 200
    elsewhere = link.replace("partNumber=1", "partNumber=2")
    assert urllib3.request("PUT", elsewhere, body=b"straight").status == 403

    parts = storage.list_parts("multipart/signed", upload)
    assert {number: part.size for number, part in parts.items()} == {1: 8}
    storage.complete("multipart/signed", upload, {1: parts[1].etag})
    assert content(storage, "multipart/signed") == b"straight"


@pytest.mark.parametrize("length", [0, 4, 6, 30 * MIB])
@pytest.mark.parametrize("chunked", [False, True])
def test_the_store_refuses_a_part_of_another_length_than_was_signed(storage, length, chunked):
    upload = storage.start_multipart("multipart/length", "application/pdf")
    link = storage.presign_part("multipart/length", upload, 1, size=5, expires_s=60)
    body = bytes(length)

    answer = urllib3.request("PUT", link, body=iter([body]) if chunked else body, retries=False)
    assert answer.status in (400, 403)
    assert storage.held("multipart/length", upload) == ({}, 0, 0)
    storage.abort("multipart/length", upload)


def test_what_is_held_counts_every_sending_that_the_store_keeps(storage):
    """SeaweedFS keeps each one until the upload ends, Ceph the last."""
    upload = storage.start_multipart("multipart/held", "application/pdf")
    link = storage.presign_part("multipart/held", upload, 1, size=5, expires_s=60)
    for attempt in (b"first", b"again", b"third"):
        assert urllib3.request("PUT", link, body=attempt).status == 200
    storage.put_part("multipart/held", upload, 2, b"other")

    held = storage.held("multipart/held", upload)

    assert {number: part.size for number, part in held.parts.items()} == {1: 5, 2: 5}
    assert (held.sendings, held.size) in ((4, 20), (2, 10))


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


def test_a_store_that_went_down_is_unavailable_and_recovers_by_itself(tmp_path):
    with Engines.start(tmp_path) as engines:
        settings = Settings.from_environment(engines.environment() | {"PUBLIC_URL": "http://localhost"})
        storage = local_storage_at(settings.s3_endpoint_url, settings)
        storage.put("object/kept", b"kept", "text/plain")

    for attempt in (storage.ping, lambda: storage.put("lost", b"x", "text/plain"), lambda: storage.open("object/kept")):
        with pytest.raises(Unavailable):
            attempt()

    with Engines.start(tmp_path):
        assert content(storage, "object/kept") == b"kept"
        assert storage.head("lost") is None
