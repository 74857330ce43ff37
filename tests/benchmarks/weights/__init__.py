"""What the service weighs in memory: a worker, the dossier that it prints, a whole rehearsal."""
