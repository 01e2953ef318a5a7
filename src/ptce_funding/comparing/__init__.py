"""Scenarios side by side, and what a rule costs."""
