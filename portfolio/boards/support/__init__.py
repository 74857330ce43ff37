"""Gathers what support is shown of a person who calls: states, counts and days.

Never words of anybody, files, marks, or anything of a commission. Looking up writes nothing here.
"""
