"""Calculations on the list of categories: rarity, targets, what is new and what is gone."""
