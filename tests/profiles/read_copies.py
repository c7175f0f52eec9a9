"""Reads every .dcm of a folder with pydicom, all values of all items, and says of each on one line:
file, SOP Instance UID, Referenced SOP Instance UIDs. Exit code 1 when one cannot be read."""
import pathlib
import sys
import warnings

import pydicom

warnings.simplefilter("ignore")
failed = False
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.dcm")):
    references = []

    def look(dataset, element):
        if element.tag == 0x00081155 and element.value:
            references.append(str(element.value))

    try:
        dataset = pydicom.dcmread(path)
        dataset.walk(look)
        print(path.name, dataset.SOPInstanceUID, ",".join(references), sep="\t")
    except Exception as error:  # whatever pydicom raises is a copy that it cannot read
        failed = True
        print(path.name, "cannot be read:", type(error).__name__, error)
sys.exit(1 if failed else 0)
