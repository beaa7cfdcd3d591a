#!/usr/bin/env python3
"""Makes austen.txt: the first chapters of Jane Austen's "Northanger Abbey" (1817, in the public domain).

    apt-get download r-cran-janeaustenr && dpkg -x r-cran-janeaustenr_*.deb x
    python make_austen.py x/usr/lib/R/site-library/janeaustenr/data

The Debian package has the texts of Project Gutenberg as vectors of lines. Whole chapters are taken, as
many as fit into 200,000 bytes; what is not ASCII is left out.
"""

import os
import struct
import sys
import zlib

LIMIT = 200_000


def strings(data):
    """The lines of a vector of texts in R's XDR serialisation: a type of 9, a length, bytes."""
    lines, place = [], data.index(b"\x00\x00\x00\x10") + 8
    while place + 8 <= len(data):
        flags, length = struct.unpack(">Ii", data[place:place + 8])
        if flags & 0xFF != 9:
            break
        lines.append(data[place + 8:place + 8 + max(0, length)].decode("utf8", "replace"))
        place += 8 + max(0, length)
    return lines


def main():
    data = open(os.path.join(sys.argv[1], "Rdata.rdb"), "rb").read()
    place, text = 0, ""
    # Chunks of a length, four bytes, and what zlib made; where one ends, the next begins.
    while place < len(data):
        decoder = zlib.decompressobj()
        body = decoder.decompress(data[place + 4:]) + decoder.flush()
        place = len(data) - len(decoder.unused_data)
        if b"NORTHANGER ABBEY" in body[:400]:
            text = "\n".join(strings(body))
    start = text.index("CHAPTER 1")
    text = "".join(letter for letter in text[start:] if ord(letter) < 128)
    end = text[:LIMIT].rindex("\nCHAPTER")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "austen.txt"), "w") as file:
        file.write(text[:end].strip() + "\n")


main()
