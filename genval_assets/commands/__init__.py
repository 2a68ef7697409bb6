"""Wiring: the verbs of the command line. Whatever makes something runs through Dagster, so that the UI shows it."""
