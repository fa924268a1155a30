"""What the command lines share: one clear line and exit code 2 for whatever cannot be done."""

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from threadpoolctl import threadpool_limits

from models.language.corpus import CorpusError
from models.language.text import SentenceError
from models.translation.checkpoints import AssetError, LanguageError

EXPECTED = (AssetError, LanguageError, CorpusError, SentenceError)


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line too."""

    def error(self, message: str) -> NoReturn:
        fail(f"{message} (see {self.prog} --help)")


@contextmanager
def one_line_errors(*more: type[Exception]) -> Iterator[None]:
    """Turn errors that a person can mend into one line on standard error and exit code 2.

    Inside, standard output is UTF-8 whatever the locale, since Bangla fits in no other.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone, as with `| head`
        sys.stdout = None  # or Python would try again to write what is left
        raise SystemExit(0) from None
    except (*EXPECTED, *more) as error:
        fail(str(error))
    except OSError as error:  # a full disk, a folder that may not be written
        sys.stdout = None
        fail(str(error))
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        raise SystemExit(130) from None


def one_core() -> None:
    """Keep NumPy's products on one core: more of them only get in each other's way over one sentence."""
    threadpool_limits(1)


def fail(message: str) -> NoReturn:
    """End with one line on standard error and exit code 2."""
    print("error:", " ".join(message.split()), file=sys.stderr)
    raise SystemExit(2) from None


def ranged(kind: Callable[[str], float], low: float, high: float) -> Callable[[str], float]:
    """An argparse type for numbers in [low, high]."""

    def parse(text: str) -> float:
        value = kind(text)
        if not low <= value <= high:
            raise ValueError
        return value

    parse.__name__ = f"number from {low} to {high}"
    return parse
