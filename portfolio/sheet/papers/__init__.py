"""The frozen content of a sheet as people read it: its French words, drawn as a PDF, as a workbook, and on screen.

Pure: the same content, signatures and banner give the same bytes.
"""
