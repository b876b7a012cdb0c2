"""Results of a DICOM recording in the forms that a hospital's systems read.

`sonoedge report` makes them: a structured report, segmentations, a picture series for people,
and a FHIR bundle. None of them is a diagnosis, and a frame that was not analysed has codes of
its own in each: it never reads as "nothing found".
"""
