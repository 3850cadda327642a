"""The commands, a module for each: a function that takes the options and returns an exit status."""
