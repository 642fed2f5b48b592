"""The engine: configuration, packs, facts, evaluation, scores and runs."""
