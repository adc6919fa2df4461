"""Sokoban: push every box onto a target. Rules, generator, level loader, solver, viewer and environments."""
