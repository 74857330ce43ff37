"""Whether an activity was real: tutors and teachers are asked (`asking`) and answer
(`answering`), and evaluate it jointly (`reality`).

An answer freezes what its author was shown. Nobody is marked here.
"""
