"""Static files with a hash in the name, ES-module imports included (Django leaves those alone by default)."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
