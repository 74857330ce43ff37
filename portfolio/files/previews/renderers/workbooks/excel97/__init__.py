"""Workbooks of Excel 97 to 2003: cells by xlrd, words of text boxes by the records themselves."""
