"""Who is simulated. A new company is its own module and one line here."""

from wekeza_portal.rails.simulator import airtel_money, bills, mpesa, pesalink, sms, tkash
from wekeza_portal.rails.simulator.company import Company

COMPANIES: dict[str, Company] = {
    company.name: company
    for company in (airtel_money.COMPANY, bills.COMPANY, mpesa.COMPANY, pesalink.COMPANY, sms.COMPANY, tkash.COMPANY)
}
