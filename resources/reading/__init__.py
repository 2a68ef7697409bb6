"""Readers of exported sets, each with another library than the one that wrote them."""
