"""Who is simulated. A new company is its own module and one line here."""

from wekeza_portal.rails.simulator import mpesa, sms
from wekeza_portal.rails.simulator.company import Company

COMPANIES: dict[str, Company] = {company.name: company for company in (mpesa.COMPANY, sms.COMPANY)}
