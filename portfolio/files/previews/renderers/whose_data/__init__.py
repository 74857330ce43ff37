"""Other people's data in a file: what its other views do not show of it, and what is found in all of it."""
