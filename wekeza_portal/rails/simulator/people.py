"""Who owns the fictitious accounts, phones and meters: the same number always gives the same name.

Numbers that end in 0404 belong to nobody, 0403 is closed or barred, 0406 blocked.
"""

NAMES = ("JANE WANJIKU", "PETER OTIENO", "AMINA HASSAN", "JOHN KIPROTICH", "GRACE MUTHONI", "BRIAN OCHIENG",
         "FATUMA ALI", "DANIEL MWANGI", "MERCY CHEBET", "KEVIN ODHIAMBO")  # fmt: skip
NOBODY, CLOSED, BLOCKED = "0404", "0403", "0406"


def name_of(number: str) -> str:
    """The owner's name by the number's digits."""
    return NAMES[sum(int(digit) for digit in number if digit.isdecimal()) % len(NAMES)]
