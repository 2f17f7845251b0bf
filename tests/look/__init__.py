"""How the pages look and how accessible they are: `make audit` and `make screenshots`.

Both start a server with the same sample data and open its pages in the same states (`states.py`).
"""
