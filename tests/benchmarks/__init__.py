"""What speed is claimed, measured as ratios in one run: machines differ."""
