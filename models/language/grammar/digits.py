"""Figures in the scripts of the languages."""


def digits(value: str, zero: str) -> str:
    """A number in the figures of the script that writes nought as ``zero``; other characters stay."""
    return "".join(chr(ord(zero) + int(figure)) if figure.isdigit() else figure for figure in value)
