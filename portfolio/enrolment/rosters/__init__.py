"""Class lists: a file is read, previewed line by line, enrolled, and undone while nothing was begun."""
