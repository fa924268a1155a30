"""Everything a beam search looked at, and what it would have written had it gone on elsewhere."""

from viz.live.instrument import chosen_run
from viz.tree.tree import tree

run, chosen = chosen_run()
tree(run, chosen)
