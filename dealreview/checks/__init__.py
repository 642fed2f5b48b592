"""The contract: what a check, a rule, a fact, a parameter and a pack are."""
