"""What a machine has and lacks for this work: one file for each thing looked at."""
