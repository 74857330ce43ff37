"""Reads the texts, presentations and drawings of OpenDocument (ISO/IEC 26300)."""
