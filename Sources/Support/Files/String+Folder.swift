extension String {
  /// The path of the folder that a path names something in: empty for a bare name, `/` for what lies at
  /// the root. Slashes at the end do not count.
  ///
  /// Foundation's `deletingLastPathComponent` stops the process on names of one letter.
  public var folderOfPath: String {
    let bytes = Array(utf8)
    let slash = UInt8(ascii: "/")
    var end = bytes.count
    func skipSlashes() {
      while end > 1, bytes[end - 1] == slash { end -= 1 }
    }
    skipSlashes()
    while end > 0, bytes[end - 1] != slash { end -= 1 }
    skipSlashes()
    return String(decoding: bytes[..<end], as: UTF8.self)
  }
}
