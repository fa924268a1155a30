"""The gate lab."""


def lab() -> None:
    pass
