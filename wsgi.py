"""Production entry: settings, application, connections. It never starts an engine.

gunicorn --config config/gunicorn.py wsgi:app
"""

from __future__ import annotations

from importlib import import_module

from config.collector import at_rest

with at_rest():
    app = import_module("web.serving").begin()
