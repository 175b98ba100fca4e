"""Paying many at once from a file. Nothing moves before every row is checked and the whole is confirmed with a code.

reading     CSV and XLSX into texts, strictly and without evaluating anything
rows        one row's texts into a payment that can be prepared
looking     all that is wrong with the rows of a file, before it is stored
files       store, give up, confirm
checking    the worker prepares a draft of each row, and looks at them together
paying      the worker does each confirmed row once
selectors   what the pages show
"""
