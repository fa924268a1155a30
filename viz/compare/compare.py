"""The page that compares two runs."""


def compare() -> None:
    pass
