"""Calculations on captions of pictures and their hard negatives (FineGen, arXiv 2606.07645)."""
