"""The rows of `compare.py`, a module a subject."""
