"""Wiring: the assets. Each fetches through ports, calls one calculation, saves, reports."""
