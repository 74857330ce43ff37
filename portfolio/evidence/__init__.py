"""Keeps what a candidate gathers: activities and their pieces, uploaded files, results of a class, teachers' feedback;
and forms begun but not sent (`drafts`, `unsent_forms`).

Pieces are mapped to competences here and nowhere else; reality and marks are decided in other rooms.
"""
