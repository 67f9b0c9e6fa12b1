"""`python -m flows.cli`: the `tandem` command of this very checkout."""

from flows.cli.command import main

main()
