"""Who owns the fictitious accounts, phones and meters: the same number always gives the same name.

Numbers that end in 0404 belong to nobody, 0403 is closed or barred, 0406 blocked. A phone that ends in 0499 is linked
to an account at a bank that stands in no list of banks, as the portal's own does not.
"""

NAMES = ("JANE WANJIKU", "PETER OTIENO", "AMINA HASSAN", "JOHN KIPROTICH", "GRACE MUTHONI", "BRIAN OCHIENG",
         "FATUMA ALI", "DANIEL MWANGI", "MERCY CHEBET", "KEVIN ODHIAMBO")  # fmt: skip
NOBODY, CLOSED, BLOCKED, UNLISTED = "0404", "0403", "0406", "0499"
BANKS = ("01", "02", "03", "07", "11", "31", "63", "68")
UNLISTED_BANK = "99"


def name_of(number: str) -> str:
    """The owner's name by the number's digits."""
    return NAMES[sum(int(digit) for digit in number if digit.isdecimal()) % len(NAMES)]


def bank_of(phone: str) -> str:
    """The code of the bank to which this phone is linked."""
    return UNLISTED_BANK if phone.endswith(UNLISTED) else BANKS[int(phone[-3:]) % len(BANKS)]
