"""Work of importing that takes time: reading files, importing them in the background, clearing up."""

from miaohui.importing.jobs.background import clear_uploads, import_upload
from miaohui.kit.worker import Periodic

HANDLERS = {"importing.import_file": import_upload, "importing.clear_uploads": clear_uploads}
PERIODIC = [Periodic("importing-uploads", "importing.clear_uploads", 86_400)]
