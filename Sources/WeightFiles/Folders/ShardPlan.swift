import Support

/// How a model is cut into files of a size at most, named as Hugging Face names them.
struct ShardPlan: Sendable {
  /// One file.
  struct Shard: Sendable {
    var name: String
    /// Which of the model's tensors it holds.
    var items: Range<Int>
    /// How many bytes they take.
    var byteCount: Int
  }

  private(set) var shards: [Shard] = []
  /// The name of the index; nil where one file holds all.
  var index: String? { shards.count > 1 ? "model.safetensors.index.json" : nil }
  /// The names of all files.
  var names: [String] { shards.map(\.name) + [index].compactMap { $0 } }

  /// Fills one file after the other. A tensor that is larger than a file may be has a file of its own.
  init(_ contents: ModelContents, shardByteCount: Int) {
    var ranges: [(items: Range<Int>, byteCount: Int)] = []
    for (place, item) in contents.items.enumerated() {
      if let last = ranges.last, last.byteCount + item.byteCount <= shardByteCount {
        ranges[ranges.count - 1] = (
          last.items.lowerBound..<(place + 1), last.byteCount + item.byteCount
        )
      } else {
        ranges.append((place..<(place + 1), item.byteCount))
      }
    }
    shards = ranges.enumerated().map { place, range in
      let name =
        ranges.count == 1
        ? "model.safetensors"
        : "model-\(Self.number(place + 1))-of-\(Self.number(ranges.count)).safetensors"
      return Shard(name: name, items: range.items, byteCount: range.byteCount)
    }
  }

  private static func number(_ number: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  /// The index: which tensor is in which file.
  func document(_ contents: ModelContents) throws -> [UInt8] {
    var map: [String: JSONValue] = [:]
    for shard in shards {
      for place in shard.items { map[contents.items[place].name] = .string(shard.name) }
    }
    let size = shards.reduce(0) { $0 + $1.byteCount }
    return try JSONValue.object([
      "metadata": .object(["total_size": .number(Double(size))]), "weight_map": .object(map),
    ]).encoded() + [0x0A]
  }
}
