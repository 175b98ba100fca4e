"""Support view: staff see a customer's pages as the customer does, with the customer's consent, and nothing more.

services    asking, agreeing, refusing, looking, ending
pages       which addresses can be looked at
rendering   one page as the customer has it, drawn from a request of its own that can write nothing
readonly    the same page without anything that could be pressed
"""
