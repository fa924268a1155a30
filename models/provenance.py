"""Exact sums over a run, under the name that the README gives them; they are made in ``models.analysis.provenance``."""

from models.analysis.provenance import CellLedger, LogitLedger, cell_ledger, layer_ledger, logit_ledger

__all__ = ["CellLedger", "LogitLedger", "cell_ledger", "layer_ledger", "logit_ledger"]
