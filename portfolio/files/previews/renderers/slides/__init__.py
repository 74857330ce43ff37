"""Reads presentations and drawings: one section for each slide or page, in the order in which they are shown."""
