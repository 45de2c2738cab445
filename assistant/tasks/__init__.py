"""What a person can ask for, one package a task, of one shape: task.py, result.py, rules.py (embedded), checks.py."""
