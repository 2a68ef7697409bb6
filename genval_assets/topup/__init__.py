"""Calculations on what to make next: yields, deficits, waves, budgets."""
