"""Calculations that may read an independent truth, the offline world's sealed one too: rates and measurements."""
