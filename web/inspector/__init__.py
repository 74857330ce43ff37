"""The inspector's pages: calendar and conformity, no mark and no piece."""
