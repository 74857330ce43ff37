"""Looks at the coded data of a photo, of which the library that decodes it says nothing."""
