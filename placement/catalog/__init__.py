"""The catalog: dated, sourced facts about what is sold where, read from folders of YAML and CSV."""
