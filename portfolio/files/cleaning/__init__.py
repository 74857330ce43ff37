"""Makes a copy of a file without what stays in it out of sight: what a camera wrote, deletions, comments, caches.

Only what can be taken out without touching the rest is: a file that cannot be cleaned safely is left as it is.
"""
