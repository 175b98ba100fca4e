"""Who is simulated. A new company is its own module and one line here."""

from wekeza_portal.rails.simulator import airtel_money, bills, cards, mpesa, pesalink, sms, tkash
from wekeza_portal.rails.simulator.company import Company

_ALL = (airtel_money, bills, cards, mpesa, pesalink, sms, tkash)
COMPANIES: dict[str, Company] = {module.COMPANY.name: module.COMPANY for module in _ALL}
