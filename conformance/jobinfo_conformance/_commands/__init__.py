"""What the commands do, a module for each: a function of the options that returns an exit status."""
