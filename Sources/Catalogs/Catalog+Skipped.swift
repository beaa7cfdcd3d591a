extension Catalog {
  /// Something in the file that is not offered as a tensor, and why.
  public struct Skipped: Sendable, Hashable, Encodable {
    /// Its name in the file.
    public var name: String
    /// Why it is not offered.
    public var reason: String
    /// Whether the file contradicts itself there: it is damaged or hostile, and the rest of it is
    /// doubtful, too.
    public var isDamage: Bool
    /// What is known of the tensor that it is; nil where it is none or several: an attribute, a named
    /// type, an optimiser's state.
    public var tensor: UnreadTensor?
    /// How many tensors it stands for.
    public var tensorCount: Int

    /// Makes a record.
    ///
    /// - Parameter tensorCount: how many tensors it stands for; nil means the one that is given, or
    ///   none.
    public init(
      name: String, reason: String, isDamage: Bool = false, tensor: UnreadTensor? = nil,
      tensorCount: Int? = nil
    ) {
      self.name = name
      self.reason = reason
      self.isDamage = isDamage
      self.tensor = tensor
      self.tensorCount = tensorCount ?? (tensor == nil ? 0 : 1)
    }

    /// The name with the type, where it is known: `proj.weight (F8_E4M3)`.
    public var title: String { tensor?.dtype.map { "\(name) (\($0))" } ?? name }

    private enum CodingKeys: CodingKey {
      case name
      case reason
      case dtype
      case shape
      case bytes
      case tensors
    }

    /// Writes the name and the reason, and of a tensor what is known of it.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(reason, forKey: .reason)
      try container.encodeIfPresent(tensor?.dtype, forKey: .dtype)
      try container.encodeIfPresent(tensor?.shape, forKey: .shape)
      try container.encodeIfPresent(tensor?.byteCount, forKey: .bytes)
      if tensorCount > 1 { try container.encode(tensorCount, forKey: .tensors) }
    }
  }

  /// The tensors of the model that are not read as numbers.
  public var unreadTensors: [Skipped] { skipped.filter { $0.tensor != nil } }

  /// What is said of the tensors that are not read, where there are some: how many of how many, their
  /// names, and what becomes of them.
  ///
  /// - Parameter fate: `left out`.
  public func unreadNote(_ fate: String) -> String? {
    let unread = unreadTensors
    guard !unread.isEmpty else { return nil }
    return "\(file): \(unread.count) of \(tensors.count + unread.count) tensors are not read, and "
      + "\(fate): \(unread.listed())"
  }

  /// What of the file can hold weights and is not read: tensors, and what stands for several.
  public var unreadObjects: [Skipped] { skipped.filter { $0.tensorCount > 0 } }
}

extension [Catalog.Skipped] {
  /// The names of some, the first few, for a sentence: `a (F8_E4M3), b and 3 more`.
  ///
  /// - Parameter describe: what is said of each.
  public func listed(
    most: Int = 3, _ describe: (Catalog.Skipped) -> String = \.title
  ) -> String {
    let shown = prefix(most).map(describe).joined(separator: ", ")
    return shown + (count > most ? " and \(count - most) more" : "")
  }
}
