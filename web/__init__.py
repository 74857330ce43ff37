"""Pages: the same domain functions behind HTML. Every form works without JavaScript."""
