"""Retention and elimination: retention periods, holds, slips for the visa of the archives, elimination, papers.

Elimination needs a visa, and never reaches what a hold or a rule of the circular keeps.
"""
