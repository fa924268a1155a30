"""One step of one unit with all its numbers: choose a cell, step through it, check it by hand."""

from viz.cell import cell
from viz.live.instrument import chosen_run

run, chosen = chosen_run()
cell(run, chosen)
