"""The Django contestant's one app: its models and its views."""
