"""What the pages show of text documents and presentations, of each program."""
