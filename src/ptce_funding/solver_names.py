"""The solvers that come with the program, by name. Kept apart: the command line completes them without loading any."""

#: Whole problems to HiGHS while they are small, large ones by decomposition.
AUTO = "auto"
#: What stands in for a solver: the jury's list.
RANKING = "ranking"
#: All of them, the usual one first.
NAMES = (AUTO, "highs", "decomposition", "cbc", RANKING)
