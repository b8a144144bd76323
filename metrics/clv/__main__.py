"""python -m metrics.clv: the engine from a shell."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from metrics.clv.command import contract, fit


class OneSentence(argparse.ArgumentParser):
    """A parser that refuses in one sentence, without a page of usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{message[:1].upper()}{message[1:]}.\n")


def main(arguments: Sequence[str]) -> int:
    """The exit code of the command that the arguments name."""
    parser = OneSentence(prog="python -m metrics.clv", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    fit.add_to(commands)
    contract.add_to(commands)
    options = parser.parse_args(arguments)
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
