"""Finds other people's data in what is deposited: kind, place, count. It flags, and never blocks.

What is looked for, and what is left alone, is written in the corpus it is measured on (`tests/files/personal_data/`).
Every pattern has bounds, so that a hostile text costs no more than its length.
"""
