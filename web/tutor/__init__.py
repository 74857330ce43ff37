"""Tutors' pages: coming in without an account, reading what waits, answering and signing once."""
