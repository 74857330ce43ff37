"""Facts of PDF, of plain texts, tables without formulas, calendars and diagrams."""
