"""What people can do: one method per command, and who may do it."""
