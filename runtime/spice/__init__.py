"""SPICE on the wire: codec, links and connections, and the endpoints that the charts drive."""
