"""Many people at one moment, over real sockets."""
