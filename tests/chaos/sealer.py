"""A second sealer beside the worker's, in batches of three, to be killed: `python -m tests.chaos.sealer`."""

import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
django.setup()

from django.db import Error, connection

from wekeza_portal.audit.sealing import seal_batch

while True:
    try:
        if not seal_batch(3):
            time.sleep(0.02)
    except Error:  # the database was killed: try again like the worker
        connection.close()
        time.sleep(0.1)
