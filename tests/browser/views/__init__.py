"""Views of files as each of their readers opens them, at both sizes."""
