"""When commissions meet: as convened, as planned for a whole class, as it was held."""
