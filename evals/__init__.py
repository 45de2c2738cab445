"""Measuring every promise: sample documents, benchmarks, evaluation suites."""
