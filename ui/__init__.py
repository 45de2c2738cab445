"""The web app: thin pages over `assistant.pipeline` and the library."""
