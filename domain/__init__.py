"""The rules of keeping children in school: no web, no SQL, no clock."""
