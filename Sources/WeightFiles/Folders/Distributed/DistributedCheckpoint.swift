import Archives
import Catalogs
import Formats
import Support

/// A folder that `torch.distributed.checkpoint` wrote: `.metadata`, a pickle that says of each tensor
/// its shape, its type, and in which files its pieces lie; and `__0_0.distcp` and so on, each of which
/// is one file of PyTorch's after the other.
///
/// Specification: `torch/distributed/checkpoint/metadata.py`, `filesystem.py`.
enum DistributedCheckpoint {
  /// The name of the file that describes the others.
  static let metadataName = ".metadata"
  /// The ending of the others.
  static let pieceEnding = ".distcp"

  /// Whether a folder of these names is one.
  static func isFolder(_ names: [String]) -> Bool {
    names.contains(metadataName)
      && names.contains { $0.hasSuffix(pieceEnding) || $0.hasPrefix("__0_") }
  }

  /// Whether a file describes one.
  static func isMetadata(_ file: OpenFile) -> Bool {
    (file.member?.member ?? file.path).split(separator: "/").last.map(String.init) == metadataName
  }

  /// The error about one of the files alone.
  static var needsFolder: Diagnostic {
    Diagnostic(
      .badData,
      "this is one of the files of a distributed checkpoint of PyTorch, which are read together",
      remedy: "name their folder")
  }

  /// Reads the description and the headers of all pieces.
  ///
  /// - Throws: `Diagnostic`: `badData` where they contradict each other, `noInput` where a file or
  ///   what was selected is missing.
  static func parse(_ file: OpenFile, selection: String?) throws -> ParsedFile {
    guard file.byteCount <= PyTorchFile.pickleLimit else {
      throw Diagnostic(.badData, "a description of \(file.byteCount) bytes is absurd")
    }
    var input = PickleInput(file, from: 0, to: file.byteCount)
    var machine = PickleMachine()
    let root = try machine.read(&input)
    var metadata = try DistributedMetadata(machine, root: root)
    let nested = metadata.nestedTensors()
    let walk = try StateDictionaryWalk(metadata.machine, root: nested, selection: selection)
    var pieces = DistributedPieces(main: file, folder: file.siblingPrefix)
    var tensors: [TensorEntry] = []
    var skipped = walk.skipped
    for (name, stand) in walk.tensors {
      let stored = stand.storage.key
      do {
        guard let described = try metadata.tensor(stored) else { continue }
        guard let type = described.elementType else {
          skipped.append(
            .init(name: name, reason: "elements of the type \(described.type) are not read"))
          continue
        }
        tensors.append(try pieces.entry(described, name: name, type))
      } catch let error as Diagnostic {
        throw error.inside(name)
      }
    }
    guard !tensors.isEmpty || !skipped.isEmpty else {
      throw Diagnostic(.badData, "the distributed checkpoint holds no tensor")
    }
    var attributes: [String: Catalog.Attribute] = ["container": .string("distributed checkpoint")]
    if !walk.place.isEmpty { attributes["state_dict"] = .string(walk.place) }
    let catalog = Catalog(
      file: file.path, format: .pytorch, byteCount: file.byteCount, tensors: tensors,
      attributes: ["": attributes], skipped: skipped)
    return try pieces.finished(catalog)
  }
}
