"""Confirms that activities were real: tutors and teachers are asked (`asking`), answer (`answering`), and evaluate
reality jointly (`reality`).

An answer freezes what its author was shown. No mark is given here.
"""
