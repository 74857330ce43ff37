"""Uploads of 100 MB over HTTP, by the service and straight to the store, against boto3 to the same store.

Whoever sends is this process: to a gunicorn of its own, one part after another, as the page does, from the announcement
to the verdict of a film that is accepted. boto3 sends one part after another, which two or ten at once do not make
faster here, and reads nothing back. All are taken in turn, each goes first in its turn; a ratio is that of one turn.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from rehearsal.service import Service
from tests.benchmarks.harness import Line, Stage, at_least, at_most, median, spread
from tests.benchmarks.load import WORKERS, served
from tests.benchmarks.processor import processes_of
from tests.support.specimens import box

MB, MIB = 1_000_000, 1 << 20
SIZE, LARGEST = 100 * MB, 520 * MB  # the circular's limit is 500 MiB
ROUNDS = int(os.environ.get("UPLOAD_ROUNDS", "12"))
AT_ONCE = 1
ROOM = {"MAX_PORTFOLIO_BYTES": str(1 << 40)}


class Film:
    """A film of `size` bytes: its index, then noise."""

    def __init__(self, size: int) -> None:
        self.size = size
        index = box(b"ftyp", b"isom" + bytes(4) + b"isommp42") + box(b"moov", box(b"mvhd", bytes(100)))
        self._start = index + (size - len(index)).to_bytes(4) + b"mdat"
        self._noise = os.urandom(16 * MIB)

    def part(self, number: int, size: int) -> bytes:
        """Returns part `number` (from 1), of `size` bytes or, at the end of the film, less."""
        noise = self._noise[: min(size, self.size - (number - 1) * size)]
        return self._start + noise[len(self._start) :] if number == 1 else noise


def lines(stage: Stage) -> Iterator[Line]:
    with _sent_by(stage, "relayed") as relayed, _sent_by(stage, "presigned") as presigned:
        film = Film(SIZE)
        ways: dict[str, Callable[[], float]] = {
            "relayed": lambda: relayed.send(film),
            "presigned": lambda: presigned.send(film),
            "boto3": lambda: _bare(stage, film),
            "boto3, body not digested to sign it": lambda: _bare(stage, film, payload_signing_enabled=False),
        }
        times = _in_turn(ways)
        for way, budget in (("relayed", 0.85), ("presigned", 0.95)):
            yield _line(way, budget, times)
        before = relayed.most_memory()
        relayed.send(Film(LARGEST))
        grown = max(after - before[process] for process, after in relayed.most_memory().items())
        yield at_most("memory of a worker grown by a relayed upload of 520 MB, the largest", grown, "MiB", 64)


def _in_turn(ways: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Returns {way: seconds of each turn}, after one of warm-up."""
    times: dict[str, list[float]] = {way: [] for way in ways}
    names = list(ways)
    for turn in range(ROUNDS + 1):
        for way in names[turn % len(names) :] + names[: turn % len(names)]:
            seconds = ways[way]()
            if turn:
                times[way].append(seconds)
    return times


def _line(way: str, budget: float, times: dict[str, list[float]]) -> Line:
    ours = times[way]
    against = {name: [bare / own for bare, own in zip(times[name], ours, strict=True)] for name in times}
    details = [
        {"seconds of": name, "median": round(median(taken), 3), **spread(taken)[0]} for name, taken in times.items()
    ] + [
        {"ratio to": name, "median": round(median(ratios), 3), **spread(ratios)[0]}
        for name, ratios in against.items()
        if name.startswith("boto3")
    ]
    speed, ratio = SIZE / MB / median(ours), median(against["boto3"])
    return at_least(f"{way} upload of 100 MB, received and verified", speed, "MB/s", budget, ratio, details)


class Sender:
    """A candidate before a service, with a connection for each part that is on its way."""

    def __init__(self, stage: Stage, service: Service) -> None:
        self._world, self._service = stage.world, service
        self._token = self._world.token_for(self._world.candidate, self._world.clock())
        self._site = urlsplit(service.address).netloc

    def most_memory(self) -> dict[int, float]:
        """Returns {process: most MiB that it ever had} of the workers of this service."""
        found = {}
        for process in processes_of(("gunicorn",)):
            status = Path(f"/proc/{process}/status").read_text()
            if f"PPid:\t{self._service.server.popen.pid}\n" in status:
                found[process] = int(status.partition("VmHWM:")[2].split()[0]) / 1024
        return found

    def send(self, film: Film) -> float:
        """Returns the seconds of the whole protocol, from the announcement to the verdict."""
        piece = self._world.new_piece(title=f"Film {time.time_ns()}")
        announced = json.dumps({"name": "film.mp4", "size": film.size}).encode()
        key = {"Content-Type": "application/json", "Idempotency-Key": f"bench-{time.time_ns()}"}
        start = time.perf_counter()
        file = self._asked("POST", f"/evidence/{piece.id}/files", announced, key)
        size = file["part_size"]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda first: self._parts(film, file, size, first), range(1, AT_ONCE + 1)))
        decided = self._asked("POST", f"/files/{file['id']}/commit")
        seconds = time.perf_counter() - start
        assert decided["state"] == "verified", decided
        return seconds

    def _parts(self, film: Film, file: dict[str, Any], size: int, first: int) -> None:
        links: dict[str, str] = {}
        connections: dict[str, http.client.HTTPConnection] = {}
        for number in range(first, -(-film.size // size) + 1, AT_ONCE):
            if file["way"] == "presigned" and str(number) not in links:
                links = self._asked("GET", f"/files/{file['id']}")["links"]
            link = links.get(str(number), f"http://{self._site}/api/v1/files/{file['id']}/parts/{number}")
            site = urlsplit(link).netloc
            connection = connections.setdefault(site, http.client.HTTPConnection(site, timeout=120))
            headers = self._headers if site == self._site else {}
            connection.request("PUT", link.partition(site)[2], film.part(number, size), headers)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body
        for connection in connections.values():
            connection.close()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _asked(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Any:
        connection = http.client.HTTPConnection(self._site, timeout=120)
        connection.request(method, f"/api/v1{path}", body or None, self._headers | (headers or {}))
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        assert answer.status in (200, 201), told
        return told


@contextmanager
def _sent_by(stage: Stage, way: str) -> Iterator[Sender]:
    with (
        tempfile.TemporaryDirectory(prefix="e5-uploads-") as folder,
        served(stage, WORKERS, Path(folder), UPLOAD_WAY=way, **ROOM) as service,
    ):
        yield Sender(stage, service)


def _bare(stage: Stage, film: Film, **s3: bool) -> float:
    """Returns the seconds of boto3, with the same size of parts and a checksum of each."""
    settings = stage.connections.settings
    client: Any = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        aws_access_key_id=settings.s3_access_key_id,
        aws_secret_access_key=settings.s3_secret_access_key,
        region_name=settings.s3_region,
        config=Config(request_checksum_calculation="when_required", s3=s3),
    )
    where = {"Bucket": settings.s3_bucket, "Key": f"bare-{time.time_ns()}"}
    start = time.perf_counter()
    upload = client.create_multipart_upload(**where)["UploadId"]
    parts = []
    for number in range(1, -(-film.size // settings.part_bytes) + 1):
        data = film.part(number, settings.part_bytes)
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        sent = client.upload_part(**where, UploadId=upload, PartNumber=number, Body=data, ContentMD5=digest)
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
    client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    seconds = time.perf_counter() - start
    client.delete_object(**where)
    return seconds
