"""Copies of files without what stays out of sight, beside their originals."""
