"""The symbolic engine: runs the charts themselves on values left open, one run for each path."""
