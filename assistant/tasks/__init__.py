"""What a person can ask for, one package a task, all of one shape: result.py, rules.py (embedded), checks.py."""

from assistant.tasks.ask import Ask

TASKS = (Ask,)
