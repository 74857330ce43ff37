"""The doors: JSON over HTTP. Messages are French before any schema is declared: a field copies them when it is made."""

from api.http import messages

messages.install()
