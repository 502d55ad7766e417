"""`python -m maemae` is `maemae`."""

from maemae.cli.main import main

main()
