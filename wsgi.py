"""The WSGI entry point for any server: `wsgi:app`. What `eventapp serve` refuses to serve is refused here too, in one sentence."""

import contextlib

from config import Unusable
from eventapp.app import create_app
from eventapp.lib.db import Unavailable
from eventapp.lib.schema import OtherSchema, Restored, require_head, require_resumed

try:
    app = create_app()
    edge = app.extensions["eventapp"]
    require_resumed(edge.settings.instance_dir)
    # A database that is away is waited for: each page says so until it is back.
    with contextlib.suppress(Unavailable):
        require_head(edge.database)
    edge.database.close()
except (Unusable, OtherSchema, Restored) as refused:
    raise SystemExit(f"Error: {refused}") from None
