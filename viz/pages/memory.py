"""Who wrote what the network remembers, how long it lasts, and what it did to the translation."""

from viz.live.instrument import chosen_run
from viz.memory.views import memory

run, chosen = chosen_run()
memory(run, chosen)
