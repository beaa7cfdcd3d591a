import Catalogs
import Foundation
import Reports
import Support
import Tensors
import WeightFiles

/// What `wsl convert` says.
struct ConvertResult: Encodable {
  struct NarrowTensor: Encodable {
    var name: String
    var dtype: String
  }

  /// Float32 tensors that hold values of a narrower type.
  struct Narrowable: Encodable {
    var tensors: [NarrowTensor]
    /// How many bytes they take less, or would.
    var savedBytes: Int
    /// Whether they were stored so.
    var stored: Bool
  }

  struct Side: Encodable {
    var file: String
    var format: String
    var bytes: Int
  }

  var input: Side
  var output: Side
  var compression: String
  var tensors: Int
  /// What of the input is not in the output.
  var skipped: [Catalog.Skipped]
  var narrowable: Narrowable
  var notes: [String]
}

extension ConvertResult {
  /// Gathers it, once the output is there.
  init(
    input catalog: Catalog, output path: String, format: OutputFormat,
    compression: CompressionOption, contents: ModelContents,
    narrowing: ModelContents.Narrowing, isNarrowed: Bool
  ) {
    input = Side(
      file: catalog.file, format: catalog.format.rawValue, bytes: catalog.byteCount)
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    output = Side(file: path, format: format.container.rawValue, bytes: size ?? 0)
    self.compression = compression.description
    tensors = contents.items.count
    skipped = catalog.skipped
    narrowable = Narrowable(
      tensors: narrowing.tensors.map {
        NarrowTensor(name: $0.name, dtype: $0.elementType.rawValue)
      }, savedBytes: narrowing.savedByteCount, stored: isNarrowed)
    notes = contents.notes + contents.conversions(for: format.container)
    if format.container == .npy {
      notes.append("an .npy file keeps neither the tensor's name nor any attribute")
    }
  }

  /// Of how many tensors these are, where that is more.
  private var ofAll: String {
    let unread = skipped.count { $0.tensor != nil }
    return unread == 0 ? "" : " of \(NumberFormat.grouped(tensors + unread))"
  }

  /// The result for a person.
  var text: String {
    var lines = [
      "\(NumberFormat.grouped(tensors))\(ofAll) tensors: \(input.file) (\(input.format), "
        + "\(NumberFormat.bytes(input.bytes))) → \(output.file) (\(output.format), "
        + "\(NumberFormat.bytes(output.bytes)))"
    ]
    let types = Set(narrowable.tensors.map(\.dtype)).sorted().joined(separator: " and ")
    if !narrowable.tensors.isEmpty {
      let saved = NumberFormat.bytes(narrowable.savedBytes)
      lines.append(
        narrowable.stored
          ? "\(narrowable.tensors.count) Float32 tensors held \(types) values and are stored so: "
            + "\(saved) less"
          : "\(narrowable.tensors.count) Float32 tensors hold \(types) values: --narrow stores them "
            + "so, without loss, in \(saved) less")
    }
    return lines.joined(separator: "\n").escapingControlCharacters(exceptNewlines: true)
  }
}

extension String {
  /// The text with control characters escaped, line by line.
  fileprivate func escapingControlCharacters(exceptNewlines: Bool) -> String {
    split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).escapingControlCharacters }.joined(separator: "\n")
  }
}
