#!/usr/bin/env python
"""Django's command line. `python manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    if "runserver" in sys.argv:  # Django's development server: plain HTTP, with debug pages
        os.environ.setdefault("DEBUG", "on")
        os.environ.setdefault("OBROLAN_PLAIN_HTTP", "on")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
