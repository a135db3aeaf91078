"""Pure steps that turn columns of raw values into columns of one time, one unit, one currency."""
