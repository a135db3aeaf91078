"""Conditions judged: a detector for each kind of rule, pure, on answers to questions."""
