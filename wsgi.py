"""Production entry: settings, application, connections. It never starts an engine.

gunicorn --config config/gunicorn.py wsgi:app
"""

from __future__ import annotations

from web.serving import begin

app = begin()
