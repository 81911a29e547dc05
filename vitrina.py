"""The program: what is pressed before it is awake ends it too, without a word."""

import signal
import sys


def main() -> None:
    """The command `vitrina`; its modules take a moment to come, and nobody can catch a Ctrl-C before them."""
    try:
        import cli

        cli.main()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
