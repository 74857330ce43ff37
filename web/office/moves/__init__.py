"""Who gives up, who comes back, who goes to another school or comes from one."""
