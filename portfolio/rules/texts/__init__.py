"""Reads what the texts say, as versioned data files: the referential of an exam, its circulars, its types of evidence.

A file that is wrong is named with its field; one in use is never edited, since candidacies name its digest. What the
program asks of these values stands beside this folder, in the rules.
"""
