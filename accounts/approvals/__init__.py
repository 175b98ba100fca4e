"""Asking the branch: what a customer wants and only a person at the bank may allow.

    services    draft, review, send: our row and one in the branch's queue
    queue       the branch's row itself: ids, priority, strict JSON
    watching    the worker step that sees decisions and applies each at most once
    details     the first thing that can be asked for: correct my name, national ID, phone or e-mail

APPROVED in the queue is a decision, not an execution: the branch software does nothing by itself.
"""
