"""The dossier of a candidate as one PDF, for a meeting without network: asked for, made in the worker, kept for a day.

Its words are set by typst; each picture stands in them as one pixel of its number, and takes its place afterwards:
typst never holds the pictures, which a dossier of forty pieces has by the hundred. A candidate reads none of it.
"""
