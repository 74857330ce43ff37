"""Reads mails of any program into one form (`mail.py`), within limits that are set before anything is parsed."""
