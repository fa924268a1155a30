"""Two runs side by side: sentences, languages or networks."""

from viz.compare.compare import compare

compare()
