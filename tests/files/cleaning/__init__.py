"""Copies of files without what stays in them out of sight."""
