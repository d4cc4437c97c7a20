"""Exhaustive exploration of a System."""
