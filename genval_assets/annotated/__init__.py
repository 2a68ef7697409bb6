"""Calculations on the user's annotated images: reading segmentations behind guards."""
