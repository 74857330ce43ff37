"""What a page asked of the network, as Chromium counts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page


@dataclass
class Asked:
    """One request. weight: bytes on the line, headers included. kept: answered from what the browser had."""

    address: str
    kept: bool = False
    weight: int = 0

    @property
    def path(self) -> str:
        return urlsplit(self.address).path


class Network:
    """Notes what a page asks for from now on, in its frames too."""

    def __init__(self, page: Page) -> None:
        self._asked: dict[str, Asked] = {}
        self._ledger: list[Asked] = []
        line = page.context.new_cdp_session(page)
        line.on("Network.requestWillBeSent", self._will_ask)
        line.on("Network.requestServedFromCache", lambda told: self._had(told["requestId"]))
        line.on("Network.responseReceived", self._answered)
        line.on("Network.loadingFinished", self._finished)
        line.send("Network.enable")

    @property
    def asked(self) -> list[Asked]:
        """What went over the line."""
        return [one for one in self._ledger if not one.kept and one.address.startswith("http")]

    @property
    def kept(self) -> list[Asked]:
        return [one for one in self._ledger if one.kept]

    def weight(self) -> int:
        return sum(one.weight for one in self.asked)

    def _will_ask(self, told: dict[str, Any]) -> None:
        if "redirectResponse" in told:  # under the same id: what led on was asked for too
            self._asked[told["requestId"]].weight = told["redirectResponse"]["encodedDataLength"]
        self._asked[told["requestId"]] = Asked(told["request"]["url"])
        self._ledger.append(self._asked[told["requestId"]])

    def _had(self, request: str) -> None:
        self._asked[request].kept = True

    def _answered(self, told: dict[str, Any]) -> None:
        if told["response"].get("fromDiskCache"):
            self._had(told["requestId"])

    def _finished(self, told: dict[str, Any]) -> None:
        self._asked[told["requestId"]].weight = int(told["encodedDataLength"])
