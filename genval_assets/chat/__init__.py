"""Calculations on what language models are asked and what they answer: one permitted form, read or refused."""
