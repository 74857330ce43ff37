"""Says in plain words what a text is drawn with: above or below the line, struck through, in a font of signs."""
