"""Commissions, their calendar, and what their members write.

A proposal never reaches the candidate from here.
"""
