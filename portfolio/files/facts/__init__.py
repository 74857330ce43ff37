"""Reads what a file tells of itself: functions of the software that it uses, where it comes from, what it may reveal.

Facts with their counts and places, never a verdict. Readers are pure, one per family of formats, and run in the same
confined process as previews (`facts_reader.py` is its side, `asking.py` that of the caller).
"""
