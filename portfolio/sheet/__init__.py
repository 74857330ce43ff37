"""The fiche d'évaluation of the national circular: drawn up, numbered, signed by its members, transmitted.

The sheet is one frozen JSON; the PDF and the XLSX are drawn from it. A sheet never changes: another one replaces it.
"""
