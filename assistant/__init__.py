"""The product without a screen: tasks, engines, checks and the one way from sources to a checked draft."""

import ingestion  # noqa: F401  first of all: it switches telemetry off before anything else is imported
