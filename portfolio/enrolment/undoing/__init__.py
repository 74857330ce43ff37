"""Takes back what lists wrote, line by line, as long as nothing was done with it."""
