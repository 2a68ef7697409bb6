"""Calculations on scene graphs, layouts and their scores (Auto Cherry-Picker, arXiv 2406.20085)."""
