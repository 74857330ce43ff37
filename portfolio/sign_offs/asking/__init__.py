"""Asking a tutor or a teacher: requests, mails that remind, what came of them, what a tutor contests."""
