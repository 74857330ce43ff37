"""Other people's data in what candidates hand in: the texts on which finding them is measured."""
