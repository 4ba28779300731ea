"""The import doctor: one report per layer and per project, on screen, as a page and as a list of fixes."""

from .report import Completeness as Completeness
from .report import GapCell as GapCell
from .report import GapMatrix as GapMatrix
from .report import LayerReport as LayerReport
from .report import PeopleKnown as PeopleKnown
from .report import ProjectReport as ProjectReport
from .writing import check_reports as check_reports
from .writing import write_reports as write_reports
