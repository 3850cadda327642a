"""``python -m jobinfo_conformance``: the console script."""

import sys

from jobinfo_conformance._cli import main

sys.exit(main())
