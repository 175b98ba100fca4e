"""Tables of insurance: the branch's (unmanaged)."""

from insurance.models.branch import InsuranceClaim, InsurancePolicy, InsuranceProduct, PremiumPayment, UserPolicy

__all__ = ["InsuranceClaim", "InsurancePolicy", "InsuranceProduct", "PremiumPayment", "UserPolicy"]
