"""The office in the browser: what happens to people."""
