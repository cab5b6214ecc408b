"""Bridges: glassnet's networks in other people's libraries, and theirs in glassnet."""
