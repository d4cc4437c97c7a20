"""Is a recorded trace a behaviour of a System?"""
