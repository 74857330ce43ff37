"""Masks the proposed mark in the copy of a sheet that its candidate receives (arrêté, annexe II D, E5)."""
