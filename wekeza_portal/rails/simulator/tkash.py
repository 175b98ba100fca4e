"""T-Kash as the demo needs it: payments to phones, reported later. There is no public description of the real one."""

from wekeza_portal.rails.simulator import orders
from wekeza_portal.rails.simulator.company import Company, Reply, Request
from wekeza_portal.rails.simulator.desk import Desk


def _pay(desk: Desk, request: Request) -> Reply:
    phone = str(request.json()["phone"])
    return orders.pay(desk, request, receiver=phone, facts=orders.owner, at_once=False, unknown="NOT_REGISTERED")


ROUTES = {("POST", "/v1/payments"): _pay, ("GET", "/v1/payments/*"): orders.enquire}
COMPANY = Company("tkash", "T-Kash", ROUTES)
