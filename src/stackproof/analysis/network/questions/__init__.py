"""The questions, answered one by one."""
