"""Puts beside a file a copy of it without what stays out of sight; its candidate compares both, and removes one."""
