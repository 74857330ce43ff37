"""How tests of the house read it: its rooms, the states that its acts write and those that tests go through."""
