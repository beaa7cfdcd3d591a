/// The names under which a container stores tensors: their own, or escaped ones where the container
/// could not hold them, or a reader would refuse them.
struct StoredNames {
  /// The stored names, in the order of the tensors.
  let stored: [String]
  /// The tensors' names by stored names, where these differ.
  let renamed: [String: String]

  private static let prefix = "wsl%"

  /// Finds names for a container.
  init(_ names: [String], in container: OutputFormat.Container) {
    // An HDF5 file cannot have a data set where it has a group.
    var groups: Set<Substring> = []
    if container == .hdf5 || container == .keras {
      for name in names {
        var end = name.startIndex
        while let slash = name[end...].firstIndex(of: "/") {
          groups.insert(name[..<slash])
          end = name.index(after: slash)
        }
      }
    }
    var renamed: [String: String] = [:]
    stored = names.map { name in
      if StoredNames.isPlain(name, in: container), !groups.contains(name[...]) { return name }
      let escaped = StoredNames.escaped(name)
      renamed[escaped] = name
      return escaped
    }
    self.renamed = renamed
  }

  /// Whether a container holds a name as it is.
  static func isPlain(_ name: String, in container: OutputFormat.Container) -> Bool {
    guard !name.hasPrefix(prefix), !name.utf8.contains(0) else { return false }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    switch container {
    case .hdf5, .keras: return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    case .safetensors: return name != "__metadata__"
    case .npz, .npy:
      return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
        && !name.utf8.contains(0x5C) && name.utf8.count < 60_000
    }
  }

  private static func escaped(_ name: String) -> String {
    prefix
      + name.utf8.map { byte in
        let isPlain =
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || byte == 0x2E || byte == 0x5F
        if isPlain { return String(UnicodeScalar(byte)) }
        return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
  }
}
