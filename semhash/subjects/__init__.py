"""The subjects of a corpus: its addresses in regions, what is said there, and a picture of all documents.

::

    codes -> regions (which addresses belong together) -> words, documents of each -> SubjectMap
                                                                                      -> page: one HTML file
"""

from semhash.subjects.subjects import MAX_REGIONS, Region, RegionDocument, SubjectMap, find_subjects

__all__ = ["MAX_REGIONS", "Region", "RegionDocument", "SubjectMap", "find_subjects"]
