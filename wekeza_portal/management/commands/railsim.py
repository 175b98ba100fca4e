"""`manage.py railsim`: the simulated companies, started by rundemo beside web and worker. Never in production."""

import signal
import threading
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wekeza_portal.rails import callbacks
from wekeza_portal.rails.simulator import mpesa_keys
from wekeza_portal.rails.simulator.server import Simulator


class Command(BaseCommand):
    help = "Plays the companies the demo bank talks to (M-Pesa, SMS ...), at RAILSIM_URL, until SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The rail simulator is for the demo bank only.")
        port = urlsplit(settings.RAILSIM_URL).port
        if port is None:
            raise CommandError("RAILSIM_URL is not set; for example RAILSIM_URL=http://127.0.0.1:8508.")
        simulator = Simulator(
            settings.VAR_DIR / "railsim.db",
            port=port,
            delay=settings.RAILSIM_DELAY,
            secret=settings.RAILSIM_SECRET,
            addresses={name: callbacks.address_for(name) for name in callbacks.names()},
        )
        certificate = mpesa_keys.certificate(simulator.desk("mpesa"))
        (settings.VAR_DIR / "railsim-mpesa.pem").write_text(certificate)
        simulator.store.set_fault("mpesa", "prompt_asks", 1)
        urls = {f"{kind.title()}URL": callbacks.address_for(f"mpesa.{kind}") for kind in ("confirmation", "validation")}
        simulator.store.replace("mpesa", "urls", settings.MPESA_SHORTCODE, urls)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: threading.Thread(target=simulator.stop).start())
        simulator.courier.start()
        simulator.serve()
