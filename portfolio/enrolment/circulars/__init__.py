"""Circulars as sessions go by: looked at before a process serves, compared with what they replace, made for a year."""
