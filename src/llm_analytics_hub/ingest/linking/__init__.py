"""One call counts once: observations of one model call by several instrumentations are linked."""
