"""Base and burst: committed units for what is needed most of the month, units by the hour for the rest."""
