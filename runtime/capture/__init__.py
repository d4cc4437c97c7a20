"""Packet captures: from the file to the messages of the SPICE connections in it."""
