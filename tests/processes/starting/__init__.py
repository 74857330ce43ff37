"""How processes come to serve: what stops a start, what is loaded before the fork, what a reload brings."""
