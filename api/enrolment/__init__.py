"""Academies, schools, candidates, placements, rosters, and changes to accounts that wait for a second person."""
