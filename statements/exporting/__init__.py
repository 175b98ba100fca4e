"""The history as a file: exactly what the filter shows, read and written a batch at a time.

lines       the rows with what is told of each
cells       text that no spreadsheet takes for a formula
csvfile     CSV, written to disk first
xlsxfile    XLSX, likewise
"""
