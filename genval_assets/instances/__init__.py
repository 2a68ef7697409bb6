"""Calculations on single objects: choosing real ones, varying them, judging their masks."""
