"""A teacher who is invited, and the same when they are in."""

from __future__ import annotations

from tests.support.api.entering import entered, teacher

__all__ = ["entered", "teacher"]  # fixtures
