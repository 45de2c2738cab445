"""Deterministic checks of a draft against its sources, the same for every engine."""
