"""The pages of a commission's two members: queue, grid, what they agree on, the sheet that they sign."""
