"""What the tests of one room do again and again: its acts with their usual values, and how their outcome is read."""
