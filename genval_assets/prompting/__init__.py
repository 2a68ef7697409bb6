"""Calculations on prompts: what a prompt must be, how one is composed and linted."""
