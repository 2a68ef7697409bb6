"""Edges: models, tables and files. Each owns something scarce, opens it and closes it."""
