"""Reads the text documents of Word since 2007 (.docx), part by part."""
