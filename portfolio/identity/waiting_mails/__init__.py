"""Mails of what waits for a person: when they are planned, and which leave again once an address works."""
