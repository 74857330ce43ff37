"""Makes previews of files: new pictures and plain words, never the markup, scripts or macros of the file."""
