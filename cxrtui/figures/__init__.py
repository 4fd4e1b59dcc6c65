"""Pictures for paper and browsers; the only code that imports matplotlib, and only when called."""

import logging

# It tells of a folder for its font list that it cannot write to, which changes nothing here.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
