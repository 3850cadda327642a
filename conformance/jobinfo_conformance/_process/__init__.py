"""What holds for the process of each command: its streams, signals and exit status, and the commands that it starts."""
