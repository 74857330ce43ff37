"""Several services and workers, of different machines as far as they know, over one document store and one bucket."""
