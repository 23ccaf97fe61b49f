"""What notes down a scenario script of mosaik for simrun import. Standard library only."""
