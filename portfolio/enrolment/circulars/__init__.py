"""Circulars as sessions go by: the provisional one of the next year, and what a newer version changes for whom."""
