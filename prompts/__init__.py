"""The words given to language models, one YAML file a prompt. The embedded engine needs none."""
