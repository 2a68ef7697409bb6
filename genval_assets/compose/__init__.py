"""Calculations on scenes: sizes, placement, pasting, masks, harmonisation."""
