"""Rolls and school directories that arrive as files: .xlsx, .xls, .csv."""
