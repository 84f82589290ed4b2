"""`python -m msggw`."""

from msggw.cli import main

main()
