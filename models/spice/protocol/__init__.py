"""The messages of the SPICE protocol as records, one module a channel."""
