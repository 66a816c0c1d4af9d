"""Printed forms (打印表格): PDF on A4 in Chinese, filled from a child's stream, or blank."""
