"""What a school offers and is allowed: its exams, and the recteur's habilitation to continuous assessment."""
