"""migmap: who is exposed, and where services fall short, on one offline map."""

import os

__version__ = "0.1.0"

# A PC with QGIS or PostGIS often exports these, and they point our own PROJ and GDAL at a database
# of another version: every transformation then fails or, worse, silently shifts. The wheels we
# install carry their own data and find it without help.
for _name in ("PROJ_DATA", "PROJ_LIB", "GDAL_DATA", "GDAL_DRIVER_PATH"):
    os.environ.pop(_name, None)
del _name
