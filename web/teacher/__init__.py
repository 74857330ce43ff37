"""Teachers' pages: the class board, sign-offs, results of a class, placements and their dates."""
