"""A year in figures: what came in and went out, by account and month, each figure with the rows that sum to it.

summary    the figures
views      the page, the paper (PDF) and the file (CSV)
csvfile    the file
paper      what the paper says to whoever verifies it
"""
