"""The bodies callers send, field by field."""
