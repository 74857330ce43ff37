"""A relayed upload of 100 MB against boto3 with the same part size, and the memory of the largest one."""

from __future__ import annotations

import base64
import hashlib
import os
import resource
import time
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config

from portfolio.documents import Evidence
from tests.benchmarks.harness import Line, Stage, at_least, at_most

MB = 1_000_000
LARGEST = 520 * MB  # the circular's limit is 500 MiB


class Endless:
    """A stream of `size` bytes that cannot seek: a PDF's head, then noise."""

    def __init__(self, size: int) -> None:
        self.left, self.noise = size, os.urandom(1 << 20)

    def read(self, wanted: int = -1) -> bytes:
        count = min(self.left, wanted if wanted >= 0 else self.left)
        self.left -= count
        return (self.noise * (count // len(self.noise) + 1))[:count]


def lines(stage: Stage) -> Iterator[Line]:
    size = 100 * MB
    ours, bare = [], []
    for turn in range(12):  # each goes first in turn: what one leaves to the disk, the other pays
        for act, kept in ((_relayed, ours), (_bare, bare))[:: 1 if turn % 2 else -1]:
            kept.append(act(stage, size))
    speed, ratio = size / MB / min(ours), min(bare) / min(ours)
    yield at_least("relayed upload of 100 MB, received and verified", speed, "MB/s", 0.8, ratio)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _relayed(stage, LARGEST)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    yield at_most("memory grown by a relayed upload of 520 MB, the largest", grown, "MiB", 64)


def _relayed(stage: Stage, size: int) -> float:
    """Seconds of the whole protocol over HTTP, from the first byte to the verdict."""
    world = stage.world
    client = stage.client(world.candidate)
    piece = world.new_piece(title=f"Film {time.time_ns()}")
    said = {"name": "film.bin", "size": size}
    headers = {"Idempotency-Key": f"bench-{time.time_ns()}"}
    start = time.perf_counter()
    file = client.post(f"/api/v1/evidence/{piece.id}/files", json=said, headers=headers)
    assert file.status_code == 201, file.text
    stream, part_size = Endless(size), file.json["part_size"]
    for number in range(1, -(-size // part_size) + 1):
        count = min(part_size, size - (number - 1) * part_size)
        part = _Limited(stream, count)
        path = f"/api/v1/files/{file.json['id']}/parts/{number}"
        answer = client.put(path, environ_overrides={"wsgi.input": part, "CONTENT_LENGTH": str(count)})
        assert answer.status_code == 200, answer.text
    done = client.post(f"/api/v1/files/{file.json['id']}/commit")
    seconds = time.perf_counter() - start
    assert done.status_code == 200, done.text
    assert Evidence.objects.get(pk=piece.id)
    return seconds


class _Limited:
    def __init__(self, stream: Endless, left: int) -> None:
        self.stream, self.left = stream, left

    def read(self, wanted: int = -1) -> bytes:
        count = min(self.left, wanted if wanted >= 0 else self.left)
        self.left -= count
        return self.stream.read(count)


def _bare(stage: Stage, size: int) -> float:
    """boto3, the same part size and a checksum per part, from a stream that cannot seek."""
    settings = stage.connections.settings
    client: Any = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        aws_access_key_id=settings.s3_access_key_id,
        aws_secret_access_key=settings.s3_secret_access_key,
        region_name=settings.s3_region,
        config=Config(request_checksum_calculation="when_required"),
    )
    key, stream = f"bare-{time.time_ns()}", Endless(size)
    where = {"Bucket": settings.s3_bucket, "Key": key}
    start = time.perf_counter()
    upload = client.create_multipart_upload(**where)["UploadId"]
    parts = []
    while data := stream.read(settings.part_bytes):
        number = len(parts) + 1
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        sent = client.upload_part(**where, UploadId=upload, PartNumber=number, Body=data, ContentMD5=digest)
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
    client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    seconds = time.perf_counter() - start
    client.delete_object(**where)
    return seconds
