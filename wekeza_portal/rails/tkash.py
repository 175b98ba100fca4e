"""T-Kash: Telkom publishes no interface, so this one is played by the simulator alone and refused in production."""

from decimal import Decimal

from wekeza_portal.rails.base import Limits, Order
from wekeza_portal.rails.orders import Orders


class TKash(Orders):
    """`destination` is {"phone": "254770000111"}."""

    name, title, prefix = "tkash", "T-Kash", "TKASH"
    limits = Limits(Decimal(10), Decimal(140_000), whole=True)

    def receiver(self, order: Order) -> dict[str, str]:
        return {"phone": order.destination["phone"]}
