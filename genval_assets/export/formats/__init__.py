"""One module per way out: each makes the files that its reader expects of one prepared set."""
