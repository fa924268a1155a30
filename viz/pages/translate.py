"""Type a sentence, watch it become Bangla or Marathi, and see every gate: choose, compute, show."""

from viz.live.instrument import chosen_run, instrument

run, chosen = chosen_run()
instrument(run, chosen)
