"""Files that customers hand in: papers for a request, a claim, a loan.

services    accept, list, remove, hand in, open; the one door to the table and the stored bytes
cleaning    runs the examination in a process of its own, with limits on time and memory
checking/   what that process does: make a picture or a PDF anew, or refuse it; knows neither Django nor any secret
scanning    a virus scanner, where the bank has one
fields      the form: choose files or take a photograph
"""
