"""Lays out documents for people: papers by typst, lists as CSV, channels in words. No right is decided here."""
