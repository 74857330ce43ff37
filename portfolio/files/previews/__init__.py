"""What a page may show of a file: pictures drawn anew and plain words. Never the file's own markup, script or macro."""
