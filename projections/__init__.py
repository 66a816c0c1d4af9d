"""What people see: views that are nothing but a function of the log."""
