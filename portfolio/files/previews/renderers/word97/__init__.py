"""Reads the text documents of Word 97 to 2003 ([MS-DOC]): pieces of text in a compound file, and their shapes."""
