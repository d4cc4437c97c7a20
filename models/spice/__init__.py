"""SPICE: client, servers, and what surrounds them in a live migration."""
