"""Facts of OpenDocument files (ISO/IEC 26300), read part by part."""
