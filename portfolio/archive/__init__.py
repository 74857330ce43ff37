"""Keeping and eliminating: how long, what is held back, slips for the visa of the archives, what leaves and its paper.

Nothing is eliminated without a visa, and nothing that a hold or a rule of the circular keeps.
"""
