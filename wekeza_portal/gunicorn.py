"""How gunicorn serves the portal: `gunicorn -c wekeza_portal/gunicorn.py wekeza_portal.wsgi`."""

import importlib
import os
import threading
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wekeza_portal.settings")
# Seconds; above the lock wait of 5. For pages only: migrations and reports may take their time. A server that hangs is
# noticed long before: see wekeza_portal.pulse.
os.environ.setdefault("DATABASE_TIMEOUT", "8")

from django.conf import settings

bind = f"{settings.BIND}:{settings.PORT}"
worker_class = "gthread"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
# Loaded once and then forked: the start-up checks run once, memory is shared, a worker that dies is back at once.
preload_app = True
timeout = 30
graceful_timeout = 10
keepalive = 5
max_requests = 0 if settings.DEMO else 20_000
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - heartbeat files, off the disk
# Only our own proxies may say that a request came over TLS.
forwarded_allow_ips = ",".join(settings.TRUSTED_PROXIES)
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Feel the database's pulse; load the PDF renderer while the first pages are served: no receipt waits for it."""
    from wekeza_portal import pulse

    pulse.watch()
    threading.Thread(target=importlib.import_module, args=["weasyprint"], daemon=True).start()
