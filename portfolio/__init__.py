"""Implements the domain: the portfolio of the exam, its rules and its acts. It knows nothing of HTTP."""

VERSION = "0.2.0"  # of the service, as in CHANGELOG.md
