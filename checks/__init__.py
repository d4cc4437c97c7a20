"""Is it right? The engines, and conformance of recordings."""
