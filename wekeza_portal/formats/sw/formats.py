"""How dates and figures are written in Kiswahili: the same order and marks as in English."""

from wekeza_portal.formats.en.formats import *  # noqa: F403 - Django reads every name of such a module
