"""What a WSGI server loads: `gunicorn wsgi:app`."""

from __future__ import annotations

import os

from foundation import config
from marketplace.app import create_app

app = create_app(config.read(os.environ))
