"""What a protocol looks like."""
