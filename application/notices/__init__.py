"""Notices (通知): what the service tells by itself, machines of each change, people of a day."""
