"""When a SPICE client should link to its migration target (seed 001, RHBZ #725009)."""
