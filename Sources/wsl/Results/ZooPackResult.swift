import Reports
import WeightFiles
import WorkbenchCore
import Zoo

/// What `wsl zoo pack` says.
struct ZooPackResult: Encodable {
  struct Model: Encodable {
    var name: String
    var parent: String?
    var bytes: Int
    var storedBytes: Int
    var sha256: String
  }

  var command = "zoo pack"
  var output: String
  var models: [Model]
  var bytes: Int
  var storedBytes: Int

  init(_ members: [PackedMember], output: String) {
    self.output = output
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
      + "\nwritten: \(output.escapingControlCharacters)"
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
