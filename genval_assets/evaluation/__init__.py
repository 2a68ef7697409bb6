"""Calculations that may read the offline world's sealed truth: rates against an independent truth."""
