"""Recognises PDF: complete or damaged, behind a password or not, and what it does when it is opened."""
