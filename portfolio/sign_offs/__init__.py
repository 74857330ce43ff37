"""Whether an activity was real: tutors and teachers are asked (`asking`) and answer (`answering`).

An answer freezes what its author was shown. Nobody is marked here.
"""
