"""What a candidate gathers: activities and their pieces, files that are sent, results of a class, teachers'
remarks; what anybody types and has not sent (`drafts`, `unsent_forms`).

A piece is mapped to competences here and nowhere else; nothing here says whether it was real, or what it is worth.
"""
