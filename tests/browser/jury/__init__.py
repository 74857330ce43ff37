"""The jury, and what no commission appraises, in a browser."""
