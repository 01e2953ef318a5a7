"""Many runs of one scenario: axes, the design over them, the runs, and the store that keeps them."""
