"""What a WSGI server loads: `gunicorn wsgi:app`."""

from __future__ import annotations

import os
import sys

from foundation import config
from foundation.web import logs
from marketplace.app import create_app

try:
    settings = config.read(os.environ)
except config.ConfigError as error:
    sys.exit(str(error))
logs.set_up(settings)
app = create_app(settings)
