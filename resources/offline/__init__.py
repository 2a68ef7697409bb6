"""The offline profile: a drawn world and rule-based models. Simulated, and called so everywhere."""
