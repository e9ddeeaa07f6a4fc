"""The only callers of AWS. Importing the package imports all of it: so the table of permissions is complete."""

from importlib import import_module
from pkgutil import walk_packages

for _module in walk_packages(__path__, prefix=f"{__name__}."):
    import_module(_module.name)
