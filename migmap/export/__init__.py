"""The built-in exporters: one file each, all under the same contract as third parties'."""

from migmap.api import Plugin

PLUGIN = Plugin(
    name="export",
    title="Built-in exports",
    exporters=(
        "migmap.export.html:HtmlMap",
        "migmap.export.picture:MapPicture",
        "migmap.export.shapefile:Shapefile",
        "migmap.export.geopackage:GeoPackage",
        "migmap.export.geojson:GeoJson",
        "migmap.export.kml:Kml",
        "migmap.export.csv_table:CsvTable",
        "migmap.export.workbook:Workbook",
        "migmap.export.geotiff:GeoTiff",
        "migmap.export.run_document:RunDocument",
    ),
)
