"""The evaluation sheet: drawn up, signed, transmitted, downloaded."""
