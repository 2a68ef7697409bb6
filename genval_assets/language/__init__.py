"""Calculations on what is said of finished pictures: questions with answers, and captions."""
