"""A candidate enrolled again takes chosen pieces of an earlier session into the new one, with the answers on them."""
