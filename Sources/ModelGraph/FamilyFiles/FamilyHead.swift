import Specs
import Support

/// By what files of a family are recognised.
struct FamilyHead: Sendable {
  /// What networks of the family are called.
  let name: String
  /// The `model_type`s of configurations that are of the family, `vit_*` for all that begin so.
  let types: [String]
  /// Tensors that its files have, `#` for a number from 0 on; by the first is found what stands before names.
  let tensors: [String]
  /// Words with which names of the family begin and that a file may lack, as one of an encoder alone does.
  let optional: [String]
  /// Tensors or modules that its files do not have.
  let absent: [String]
  /// The names of `tensors` in the first block: a scan of a zoo looks for them in every model.
  let firstTensors: [String]
  /// The names of `absent` there.
  let firstAbsent: [String]

  init(_ node: SpecNode) throws {
    guard let name = node["family"]?.text, let tensors = node["tensors"] else {
      throw Diagnostic(
        .badData, "a family has a name ('family'), 'tensors' that its files have, and 'layers'")
    }
    self.name = name
    self.tensors = try GraphFileLayer.texts(tensors, "tensors")
    guard !self.tensors.isEmpty else {
      throw Diagnostic(.badData, "'tensors' names none by which files are recognised")
    }
    types = try node["types"].map { try GraphFileLayer.texts($0, "types") } ?? []
    optional = try node["optional"].map { try GraphFileLayer.texts($0, "optional") } ?? []
    absent = try node["absent"].map { try GraphFileLayer.texts($0, "absent") } ?? []
    firstTensors = self.tensors.map { $0.replacing("#", with: "0") }
    firstAbsent = absent.map { $0.replacing("#", with: "0") }
  }

  /// Whether a configuration's type is one of the family's.
  func isType(_ type: String) -> Bool {
    types.contains { known in
      known.hasSuffix("*") ? type.hasPrefix(known.dropLast()) : type == known
    }
  }
}
