"""A customer's own daily and monthly limit: lowered at once, raised with a code and after a while, shown beside the
bank's. What counts is read by accounts/limits.py.
"""
