"""Sends letters, as text and HTML, by SMTP or to a folder. It knows no message of the trade."""
