"""Walks of every route and page, by everybody: they need minutes (`make walks`)."""

from __future__ import annotations

from tests.api.conftest import document, everything, held_to_the_document, there

__all__ = ["document", "everything", "held_to_the_document", "there"]  # fixtures
