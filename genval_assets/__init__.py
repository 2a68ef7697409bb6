"""genval: synthetic, checked, exactly masked instances for the long tail, as Dagster assets."""
