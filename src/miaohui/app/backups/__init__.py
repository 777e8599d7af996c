"""Backups: one file with database, attachments and key; made while the server runs, checked, put back.

`archive` makes, checks and restores one file; `shelf` keeps those that the pages make; `jobs` and `routes` let the
owner do it from the browser, `nightly` makes one every night. What is known of a backup stands beside its file, not
in the database: after a restore the database would know an older truth.
"""
