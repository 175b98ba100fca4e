"""Plays every other company, over HTTP and in a process and a database of its own; for the demo and the tests only.

`store.py` keeps, `desk.py` is what a company works with, `server.py` listens, `delivery.py` calls back, `page.py`
shows. A company is one module with a `Company` (see `company.py`), named in `companies.py`.
"""
