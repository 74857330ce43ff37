"""Reads the figures of the service."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

TOKEN = "jeton-de-prometheus-" + "p" * 32
BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Figures:
    """Two scrapes and what moved between them."""

    def __init__(self, scrape: Callable[[], str]) -> None:
        self._scrape = scrape
        self._before = self._read()

    def _read(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        families = text_string_to_metric_families(self._scrape())
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def moved(self, name: str, **labels: str) -> float:
        """By how much the sum of what bears these labels moved since this was made."""

        def total(samples: dict[tuple[str, frozenset[tuple[str, str]]], float]) -> float:
            wanted = set(labels.items())
            return sum(value for (one, its), value in samples.items() if one == name and wanted <= its)

        return total(self._read()) - total(self._before)

    def now(self, name: str) -> float | None:
        return self._read().get((name, frozenset()))

    def labels_of(self, name: str, label: str) -> set[str]:
        return {dict(its)[label] for one, its in self._read() if one == name}
