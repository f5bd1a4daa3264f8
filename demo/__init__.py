"""The Vietnamese demo company, and the main scenario without a person."""
