"""The candidate's pages: what they gather, what it covers, what they hand in. Nothing of a commission."""
