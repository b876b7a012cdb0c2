"""python -m sonoedge"""

import sys

from sonoedge.cli import main

if __name__ == "__main__":
    sys.exit(main())
