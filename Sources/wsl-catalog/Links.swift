import CHDF5

/// The links of a group.
enum Links {
  /// A link: its name where that is UTF-8, and its kind.
  struct Link {
    var name: String?
    var kind: H5L_type_t
  }

  private final class Collector {
    var links: [Link] = []
    var overflowed = false
  }

  /// All links: in order of creation where the group keeps that, otherwise by name.
  static func names(of group: hid_t) throws -> [Link] {
    let tracked = try isTracked(group)
    let collector = Collector()
    var start: hsize_t = 0
    let status = H5Literate(
      group, tracked ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, &start,
      { _, name, info, context in
        guard let name, let info, let context else { return -1 }
        let collector = Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
        collector.links.append(
          Link(name: String(validatingCString: name), kind: info.pointee.type))
        collector.overflowed = collector.links.count > CatalogWalk.Bound.objects
        return collector.overflowed ? 1 : 0
      }, Unmanaged.passUnretained(collector).toOpaque())
    try check(status)
    if collector.overflowed { throw WorkerError(message: "the group has too many members") }
    return collector.links
  }

  private static func isTracked(_ group: hid_t) throws -> Bool {
    // Groups of the older format, by far the most, never keep the order; asking for it is slow.
    var info = H5G_info_t()
    try check(H5Gget_info(group, &info))
    if info.storage_type == H5G_STORAGE_TYPE_SYMBOL_TABLE { return false }
    let properties = try Identifier(H5Gget_create_plist(group))
    var order: UInt32 = 0
    try check(H5Pget_link_creation_order(properties.raw, &order))
    return order & UInt32(H5P_CRT_ORDER_TRACKED) != 0
  }

  /// Where a soft link leads.
  static func softTarget(of link: String, in group: hid_t) throws -> String {
    let value = try value(of: link, in: group)
    return String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Where an external link leads: the object and the file.
  static func externalTarget(of link: String, in group: hid_t) throws -> String {
    // A byte of version and flags, then the file's and the object's names, each ended by a zero.
    let parts = try value(of: link, in: group).dropFirst()
      .split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    return parts.count >= 2 ? "\(parts[1]) in the file \(parts[0])" : "another file"
  }

  private static func value(of link: String, in group: hid_t) throws -> [UInt8] {
    var info = H5L_info_t()
    try check(H5Lget_info(group, link, &info, 0))
    guard info.u.val_size <= 1 << 16 else { throw WorkerError(message: "a link too long") }
    var value = [UInt8](repeating: 0, count: max(1, info.u.val_size))
    try check(H5Lget_val(group, link, &value, info.u.val_size, 0))
    return value
  }
}
