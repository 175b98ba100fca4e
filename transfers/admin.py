"""What the staff see of transfers."""

from transfers import boards

boards.register()
