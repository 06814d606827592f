"""``make bench``: the measures of docs/performance.md."""

import sys

from benchmarks.pages import main

sys.exit(main())
