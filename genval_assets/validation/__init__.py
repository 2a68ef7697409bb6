"""Calculations of the validation agent: what the vision model is asked about a candidate, and how it is read."""
