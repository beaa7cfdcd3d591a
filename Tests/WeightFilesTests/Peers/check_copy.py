"""Compares two weight files as h5py sees them:  check_copy.py ORIGINAL COPY CHANGED.json

CHANGED.json gives the hex of the little-endian elements of the data sets that were replaced. All
else, also attributes, links, layouts and filters, must be as it was. For `.keras` archives the other
members must be the same bytes. Prints `same`, or the first difference, and fails.
"""

import io
import json
import sys
import zipfile

import h5py
import hdf5plugin  # noqa: F401: the filters that h5py has not
import numpy as np


def plain(value):
    if isinstance(value, np.ndarray):
        return [str(value.dtype), value.tolist()]
    return repr(value)


def describe(item):
    facts = {"attributes": {key: plain(item.attrs[key]) for key in item.attrs}}
    if isinstance(item, h5py.Dataset):
        plist = item.id.get_create_plist()
        facts["layout"] = (item.shape, item.maxshape, str(item.dtype), item.chunks, plist.get_layout(),
                           [plist.get_filter(i) for i in range(plist.get_nfilters())], repr(item.fillvalue))
    return facts


def contents(source):
    found, data = {}, {}
    with h5py.File(source, "r") as file:
        found["/"] = describe(file)

        def visit(name):
            link = file.get(name, getlink=True)
            found[name] = {"link": type(link).__name__, "to": getattr(link, "path", None)}
            if isinstance(link, h5py.HardLink):
                item = file[name]
                found[name].update(describe(item))
                if isinstance(item, h5py.Dataset) and not item.is_virtual and not item.external:
                    if item.shape is not None and item.dtype.kind in "biufV" and item.dtype.names is None:
                        try:
                            value = np.asarray(item[()])
                        except OSError:
                            value = np.zeros(0)
                        data[name] = value.astype(value.dtype.newbyteorder("<")).tobytes()

        file.visit_links(visit) if hasattr(file, "visit_links") else file.visit(visit)
    return found, data


def opened(path):
    if not path.endswith(".keras"):
        return path, {}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None, "a checksum is wrong"
        members = {info.filename: (archive.read(info), info.date_time, info.compress_type)
                   for info in archive.infolist()}
    return io.BytesIO(members.pop("model.weights.h5")[0]), members


def main():
    original, copy, changed = sys.argv[1:]
    changed = {key: bytes.fromhex(value) for key, value in json.load(open(changed)).items()}
    before, members_before = opened(original)
    after, members_after = opened(copy)
    if members_before != members_after:
        sys.exit("other members of the archive differ")
    facts_before, data_before = contents(before)
    facts_after, data_after = contents(after)
    for name in facts_before:
        if facts_before[name] != facts_after.get(name):
            sys.exit(f"{name}: {facts_before[name]} became {facts_after.get(name)}")
    if facts_after.keys() != facts_before.keys():
        sys.exit("there are new objects")
    with h5py.File(before, "r") as file:
        # Further names of a changed data set show its new elements, too.
        addresses = {h5py.h5o.get_info(file[name].id).addr: name for name in changed}
        owners = {name: addresses.get(h5py.h5o.get_info(file[name].id).addr) for name in data_before}
    for name, value in data_before.items():
        if data_after[name] != changed.get(owners[name], value):
            sys.exit(f"{name}: wrong elements")
    with h5py.File(after, "r") as file:
        # Names by way of a link have no entry of their own above.
        for name in changed.keys() - data_before.keys():
            value = np.asarray(file[name][()])
            if value.astype(value.dtype.newbyteorder("<")).tobytes() != changed[name]:
                sys.exit(f"{name}: wrong elements")
    print("same")


if __name__ == "__main__":
    main()
