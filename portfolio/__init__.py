"""The domain: the exam's portfolio, its rules and its acts. It knows no HTTP."""

VERSION = "0.2.0"  # of the service, as CHANGELOG.md tells it to its readers
