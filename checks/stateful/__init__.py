"""Attacks a System with Hypothesis, through the runtime's own endpoints and encoders."""
