"""What interventions do, under the name that the README gives it; measured in ``models.analysis.effects``."""

from models.analysis.effects import Effect, controls, effect

__all__ = ["Effect", "controls", "effect"]
