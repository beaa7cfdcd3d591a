import Catalogs
import LinearAlgebra
import ModelGraph
import Support
import Tensors
public import WeightFiles

extension AdapterMerger {
  /// The result on its way into a file. Factors are made when they are written.
  ///
  /// - Parameter keepsConfiguration: whether the text of the configuration is part of the file.
  /// - Throws: `Diagnostic` where the configuration cannot be made.
  public func contents(keepsConfiguration: Bool) throws -> ModelContents {
    var contents = ModelContents()
    let pairs = MergedFactors(self)
    for update in updates {
      let (model, rank) = (update.model, update.rank)
      let rightShape = [rank] + model.right.shape.dropFirst()
      let leftShape = [model.rows, rank] + model.left.shape.dropFirst(2)
      contents.add(model.right.name, shape: rightShape, as: update.elementType) {
        try pairs.bytes(of: update, isLeft: false)
      }
      contents.add(model.left.name, shape: leftShape, as: update.elementType) {
        try pairs.bytes(of: update, isLeft: true)
      }
      if case .tensor(let alpha) = model.scale {
        let value = Float(update.scale * Double(rank))
        // The narrow types do not hold every rank.
        contents.add(alpha.name, shape: alpha.shape, as: .float32) {
          withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        }
      }
    }
    for tensor in plain {
      contents.add(tensor.entry.name, shape: tensor.entry.shape, as: tensor.entry.elementType) {
        try tensor.bytes(inputs)
      }
    }
    var texts: [String: Catalog.Attribute] = [:]
    if let format = inputs[0].catalog.text("format") { texts["format"] = .string(format) }
    if keepsConfiguration, let document = try configuration() {
      texts[AdapterConfiguration.name] = .string(String(decoding: document, as: UTF8.self))
    }
    if !texts.isEmpty { contents.attributes[""] = texts }
    return contents
  }
}
