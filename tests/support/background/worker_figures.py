"""A worker, and the figures that it tells Prometheus."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from config.processes import free_port

Starts = Callable[..., subprocess.Popen[bytes]]


class WorkerFigures:
    """What one worker tells Prometheus: {name: {its labels, by their names: value}}. It is at work once it answers."""

    def __init__(self, start: Starts, **settings: str) -> None:
        self._port = free_port()
        self.process = start(WORKER_METRICS_PORT=str(self._port), **settings)

    def text(self) -> str:
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=10) as answer:
                return str(answer.read().decode())
        except URLError:
            return ""

    def of(self, name: str) -> dict[tuple[str, ...], float]:
        families = text_string_to_metric_families(self.text())
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return {tuple(sample.labels.values()): sample.value for sample in samples}
