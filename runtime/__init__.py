"""The machines on real sockets."""
