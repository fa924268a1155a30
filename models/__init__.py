"""The numbers: an LSTM that records what it computes, and a translator built on it. Knows no page and no picture."""

from models.checkpoints import AssetError, LanguageError, load_translator
from models.interventions import Intervention, InterventionError
from models.recording import RecordingError, record
from models.text import SentenceError
from models.trace import Trace, TranslationTrace

__all__ = [
    "AssetError", "Intervention", "InterventionError", "LanguageError", "RecordingError", "SentenceError", "Trace",
    "TranslationTrace", "load_translator", "record",
]  # fmt: skip
