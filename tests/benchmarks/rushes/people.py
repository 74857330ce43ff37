"""The people of a deadline, as a program of its own: `python -m tests.benchmarks.rushes.people PLAN TOLD`.

They share one loop, so that whoever sends costs the machine little; PINNED_TO names processors of its own, if any. PLAN
and TOLD are files of JSON. A refusal « come back in n seconds » is obeyed, as the page's script does.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.rushes.photograph import another

ROWS = ("C1", "C42", "C43", "C44", "C45", "C46", "C47", "C48", "C49")
API = "/api/v1"
MOST_TRIES = 100


class Told:
    """What the people lived. times: {kind of act: milliseconds of each, its tries and waits included}."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.refused: Counter[str] = Counter()
        self.errors: list[str] = []

    async def timed(self, kind: str, act: Awaitable[Any]) -> Any:
        start = time.perf_counter()
        answer = await act
        self.times[kind].append((time.perf_counter() - start) * 1000)
        return answer


class Line:
    """One person's connection, kept open."""

    def __init__(self, address: str, token: str, told: Told) -> None:
        self.host, _, port = address.rpartition(":")
        self.port, self.token, self.told = int(port), token, told
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(
        self, method: str, path: str, values: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """values: bytes as they are, anything else as JSON."""
        raw = values if isinstance(values, bytes) else b"" if values is None else json.dumps(values).encode()
        kind = "application/octet-stream" if isinstance(values, bytes) else "application/json"
        said = {"Host": f"{self.host}:{self.port}", "Authorization": f"Bearer {self.token}"}
        said |= {"Content-Type": kind, "Content-Length": str(len(raw)), **headers}
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in said.items())
        if self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        assert self.reader is not None
        self.writer.write(head.encode() + b"\r\n" + raw)
        await self.writer.drain()
        status, answered, body = await _answer(self.reader)
        if answered.get("connection", "").lower() == "close":
            self.writer.close()
        return status, answered, body

    async def until_done(self, method: str, path: str, values: Any = None, **headers: str) -> Any:
        """The answer as JSON, tried again when told to come back. Raises RuntimeError on any other refusal."""
        for _ in range(MOST_TRIES):
            status, answered, body = await self.ask(method, path, values, **headers)
            if status < 300:
                return json.loads(body)
            if "retry-after" not in answered:
                break
            self.told.refused[f"{status}"] += 1
            await asyncio.sleep(float(answered["retry-after"]) * random.uniform(1, 1.5))
        raise RuntimeError(f"{method} {path}: {status} {body[:300]!r}")

    async def create(self, path: str, values: Any) -> Any:
        return await self.until_done("POST", path, values, **{"Idempotency-Key": uuid.uuid4().hex})


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    named = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = b""
    if named.get("transfer-encoding") == "chunked":
        while length := int(await reader.readline(), 16):
            body += (await reader.readexactly(length + 2))[:-2]
        await reader.readline()
    elif length := int(named.get("content-length", 0)):
        body = await reader.readexactly(length)
    return int(head[0].split()[1]), named, body


async def deposits(known: dict[str, str], line: Line, photo: bytes) -> None:
    """One photo, from the piece to its verdict."""
    own = another(photo, uuid.uuid4().hex)
    said = {"type_code": "REF1", "title": "Photo", "nature": "production", "activity": known["activity"]}
    piece = await line.create(f"{API}/portfolios/{known['portfolio']}/evidence", said)
    file = await line.create(f"{API}/evidence/{piece['id']}/files", {"name": "photo.jpg", "size": len(own)})
    path = f"{API}/files/{file['id']}"
    await line.until_done("PUT", f"{path}/parts/1", own)
    done = await line.until_done("POST", f"{path}/commit")
    if done["state"] != "verified":
        raise RuntimeError(f"{done['state']}: {done['reason_code']}")


async def scores(known: dict[str, str], line: Line, told: Told) -> None:
    """Reads the queue and the grid, saves a degree."""
    await told.timed("reads", _page(line, "/commissions"))
    path = f"{API}/commissions/{known['commission']}/grids"
    grids = (await told.timed("reads", line.until_done("GET", path)))["items"]
    grid = next(grid for grid in grids if "fill_grid" in grid["can"])
    values = {"candidacy": known["candidacy"], "degrees": {random.choice(ROWS): random.choice("IS")}}
    seen = {"If-Match": f'"{grid["revision"]}"'}
    await told.timed("scores", line.until_done("PATCH", f"{API}/grids/{grid['id']}", values, **seen))


async def reads(known: dict[str, str], line: Line, told: Told) -> None:
    await told.timed("reads", _page(line, "/classe"))


async def signs(known: dict[str, Any], line: Line, told: Told) -> None:
    if known["answers"]:
        await told.timed("signs", line.create(f"{API}/sign-off-acts", {"answers": [known["answers"].pop()]}))


async def _page(line: Line, path: str) -> None:
    status, _, body = await line.ask("GET", path)
    if status != 200:
        raise RuntimeError(f"GET {path}: {status} {body[:300]!r}")


async def lived(plan: dict[str, Any]) -> dict[str, Any]:
    """Those who work go on at their pace until the last deposit is done, and for plan["seconds"] at least."""
    told, photo, address = Told(), Path(plan["photo"]).read_bytes(), plan["address"]
    over = asyncio.Event()

    async def works(known: dict[str, Any], act: Callable[..., Awaitable[None]]) -> None:
        line = Line(address, known["token"], told)
        await asyncio.sleep(random.uniform(0, plan["pause"]))
        while not over.is_set():
            try:
                await act(known, line, told)
            except (RuntimeError, OSError, EOFError, StopIteration) as error:
                told.errors.append(f"{act.__name__}: {error!r}")
            await asyncio.sleep(random.uniform(0.5, 1.5) * plan["pause"])

    async def sends(known: dict[str, str]) -> None:
        try:
            line = Line(plan.get("deposits_to", address), known["token"], told)
            await told.timed("deposits", deposits(known, line, photo))
        except (RuntimeError, OSError, EOFError) as error:
            told.errors.append(f"deposits: {error!r}")

    acts = (("members", scores), ("teachers", reads), ("signers", signs))
    workers = [asyncio.create_task(works(known, act)) for name, act in acts for known in plan[name]]
    await asyncio.sleep(plan["before"])
    told.times.clear()
    start = time.perf_counter()
    await asyncio.gather(*(sends(known) for known in plan["candidates"]), asyncio.sleep(plan["seconds"]))
    took = time.perf_counter() - start
    over.set()
    await asyncio.gather(*workers)
    return {"seconds": took, "times": told.times, "refused": told.refused, "errors": told.errors}


if __name__ == "__main__":
    if cpus := os.environ.get("PINNED_TO"):
        os.sched_setaffinity(0, map(int, cpus.split(",")))
    result = asyncio.run(lived(json.loads(Path(sys.argv[1]).read_text())))
    Path(sys.argv[2]).write_text(json.dumps(result))
