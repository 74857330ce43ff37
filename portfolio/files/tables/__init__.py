"""Tables of any file: a workbook, a CSV, an export in XML are read as sheets of plain cells, in a confined process."""
