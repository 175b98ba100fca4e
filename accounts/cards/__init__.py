"""Cards: seeing and stopping them, what they may do, asking for one, and answering each use.

`acts.py` does what is done at once, `kinds.py` what needs a code or costs money, `authorising.py` answers the
processor, `working.py` calls it. Other rooms stop all cards of somebody by `acts.freeze_all`, and forbid uses through
`stops`.
"""
