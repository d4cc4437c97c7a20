"""``python -m switchover``: the same as the command ``switchover``."""

from switchover.main import main

main()
