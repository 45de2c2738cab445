"""Who writes a draft. Every task works with every engine."""
