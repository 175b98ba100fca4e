"""Whether the worker was told to stop: steps that wait for other companies begin nothing new then."""

import threading

stopping = threading.Event()
