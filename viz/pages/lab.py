"""What if: change gates, states, attention or words, and see the translation change."""

from viz.lab.lab import lab

lab()
