"""What people see: views that are nothing but a function of the log."""

import os

os.environ.setdefault("PYPINYIN_NO_PHRASES", "yes")  # names are read by the character; 50 MB less
