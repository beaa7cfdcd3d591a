import Reports
import Support
import WeightFiles

/// What `wsl zoo pack` says.
struct ZooPackResult: Encodable {
  struct Model: Encodable {
    var name: String
    var parent: String?
    var bytes: Int
    var storedBytes: Int
    var sha256: String
  }

  /// A file that is not in the archive.
  struct LeftOut: Encodable {
    var file: String
    var reason: String
  }

  var command = "zoo pack"
  var output: String
  var models: [Model]
  var leftOut: [LeftOut]
  var bytes: Int
  var storedBytes: Int

  init(_ members: [PackedMember], output: String, leftOut: [(path: String, reason: String)]) {
    self.output = output
    self.leftOut = leftOut.map { LeftOut(file: $0.path, reason: $0.reason) }
    models = members.map { member in
      Model(
        name: member.name, parent: member.parent.map { members[$0].name },
        bytes: member.pieces.byteCount, storedBytes: member.storedByteCount,
        sha256: member.sha256)
    }
    bytes = models.reduce(0) { $0 + $1.bytes }
    storedBytes = models.reduce(0) { $0 + $1.storedBytes }
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([
      .text("model"), .number("bytes"), .number("stored"), .text("as differences from"),
    ])
    for model in models {
      table.add(
        model.name.escapingControlCharacters, NumberFormat.grouped(model.bytes),
        NumberFormat.grouped(model.storedBytes), model.parent?.escapingControlCharacters ?? "")
    }
    let share = bytes > 0 ? 100 * Double(storedBytes) / Double(bytes) : 100
    return table.text
      + "\n\n\(models.count) models, \(NumberFormat.grouped(bytes)) bytes stored in "
      + "\(NumberFormat.grouped(storedBytes)), \(NumberFormat.fixed(share, decimals: 1)) %"
      + "\nwritten: \(output.escapingControlCharacters)" + leftOutText
  }

  private var leftOutText: String {
    guard !leftOut.isEmpty else { return "" }
    let lines = leftOut.map { "left out: \($0.file): \($0.reason)".escapingControlCharacters }
    return "\n\(leftOut.count) of \(models.count + leftOut.count) files and folders are left out\n"
      + lines.joined(separator: "\n")
  }
}

/// What `wsl zoo unpack` says.
struct ZooUnpackResult: Encodable {
  var command = "zoo unpack"
  var output: String
  var models: [String]

  /// The result for a person.
  var text: String {
    "\(models.count) models restored in \(output.escapingControlCharacters), each as its SHA-256 says"
  }
}
