"""The fiche d'évaluation of the national circular: drawn up, numbered, signed by its members, transmitted.

One frozen JSON is the sheet; its PDF and XLSX are drawings of it. A sheet never changes: another one replaces it.
"""
