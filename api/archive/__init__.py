"""Holds, and the elimination of portfolios under a visa."""
