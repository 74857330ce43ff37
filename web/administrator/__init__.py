"""The administrator's pages: academies, schools, juries and staff; no evidence and no mark."""
