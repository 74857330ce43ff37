"""Pages of whoever comes in, whatever they are here: signing in, one's own account, files inside pages."""
