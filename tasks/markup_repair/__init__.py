"""Repair of broken documents: what is made, how it is broken, who judges, and who else repairs."""
