"""The reference district: invented from a seed, loaded, and played through the running service."""
