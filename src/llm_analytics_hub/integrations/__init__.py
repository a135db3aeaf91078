"""The seven modules of the platform on the wires they really use: one package each, none knowing another."""
