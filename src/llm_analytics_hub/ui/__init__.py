"""The pages people open: one file for each thing on them."""
