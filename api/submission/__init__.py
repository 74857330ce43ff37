"""The state of a portfolio, handing it in, its archive."""
