"""A file sent in parts, to the store or straight by signed links."""

import http.client
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest
import urllib3

from portfolio.store.objects.refusals import BadParts, DamagedPart, UploadGone
from tests.support.acts.local_storage import content, local_storage_at, serving

MIB = 1024 * 1024
FULL_PART = b"p" * (5 * MIB)


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
