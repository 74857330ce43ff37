"""Numbers that are told by their form, their key, or the word that introduces them."""
