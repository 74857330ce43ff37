"""Settings, the embedded engines, and the official data files (referentials, circulars)."""
