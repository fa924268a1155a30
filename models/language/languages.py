"""The languages that are translated to, by the code that stands in addresses and file names."""

from typing import Literal

Language = Literal["bn", "mr"]


LANGUAGES: dict[Language, str] = {"bn": "Bangla", "mr": "Marathi"}
