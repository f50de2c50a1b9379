"""What a WSGI server loads: `gunicorn wsgi:app`."""

from __future__ import annotations

import os

from foundation import config
from foundation.web import logs
from marketplace.app import create_app

settings = config.read(os.environ)
logs.set_up(settings)
app = create_app(settings)
