"""Calculations of TextGrad: system prompts criticised, rewritten, and accepted only on paired draws."""
