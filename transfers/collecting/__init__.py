"""Money that comes in from M-Pesa: prompts on phones, the paybill, and what nobody's money becomes."""
