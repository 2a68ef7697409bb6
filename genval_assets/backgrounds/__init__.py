"""Calculations on backgrounds: near-duplicates and screening."""
