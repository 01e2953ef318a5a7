"""Explanations: why each candidate is or is not funded, proved by solving."""
