"""Reads the workbooks of three families of programs into one grid, with each cell as it is displayed."""
