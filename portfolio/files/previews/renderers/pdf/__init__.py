"""Reads what somebody wrote or drew over the pages of a PDF."""
