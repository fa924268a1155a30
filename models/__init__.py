"""The numbers: an LSTM that records what it computes, and a translator built on it. Knows no page and no picture."""

from models.language.text import SentenceError
from models.recurrent.gru import GRUTrace
from models.recurrent.record import Record
from models.recurrent.recording import RecordingError, record
from models.recurrent.rnn import RNNTrace
from models.recurrent.trace import LSTMTrace, Trace
from models.translation.checkpoints import AssetError, LanguageError, load_translator
from models.translation.interventions import Intervention, InterventionError
from models.translation.record import TranslationTrace

__all__ = [
    "AssetError", "GRUTrace", "Intervention", "InterventionError", "LSTMTrace", "LanguageError", "RNNTrace", "Record",
    "RecordingError", "SentenceError", "Trace", "TranslationTrace", "load_translator", "record",
]  # fmt: skip
