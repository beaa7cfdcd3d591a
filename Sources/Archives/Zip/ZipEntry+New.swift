extension ZipEntry {
  /// A new member, stored as it is, without a date: the same input makes the same bytes.
  package init(named text: String, byteCount: Int) {
    madeBy = 3 << 8 | 20  // Unix
    neededVersion = 20
    flags = 0x0800  // The name is UTF-8.
    method = Method.stored.rawValue
    time = 0x0021_0000  // 1 January 1980
    checksum = 0
    storedByteCount = byteCount
    self.byteCount = byteCount
    internalAttributes = 0
    externalAttributes = 0o100644 << 16
    headerOffset = 0
    name = Array(text.utf8)
    extra = []
    comment = []
  }
}
