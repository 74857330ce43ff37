"""`make demo`: the whole journey played over HTTP, on the embedded engines. Its client is a requirement of its own."""
