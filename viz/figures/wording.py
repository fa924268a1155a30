"""Numbers and counts in words, the same in every sentence."""

from models.recurrent.trace import Array


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def number(value: float, form: str = ".2f") -> str:
    """A number with a minus sign that reads as one, and no negative zero."""
    text = format(float(value), form)
    return text.replace("-", "−") if float(text) else text.lstrip("-")


def scientific(value: float) -> str:
    """A residual: two digits and a power of ten, 0 as ``0``."""
    return number(value, ".1e") if value else "0"


def capitalised(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def share_of_one(value: float) -> str:
    """A number in [0, 1] to two decimals; what only rounding would make 0 or 1 is told from it."""
    text = f"{value:.2f}"
    if text == "1.00" and value < 1:
        return "more than 0.99"
    return "less than 0.01" if text == "0.00" and value > 0 else text


def percent(is_counted: Array) -> str:
    """How many of the values are True, without rounding some to none or most to all."""
    share = 100 * float(is_counted.mean())
    if 0 < share < 1:
        return "less than 1 %"
    return "more than 99 %" if 99 < share < 100 else f"{share:.0f} %"
