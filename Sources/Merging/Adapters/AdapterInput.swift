import Catalogs
import CElements
import LinearAlgebra
public import ModelGraph
import Support
import Tensors
public import WeightFiles

/// An adapter that is merged: its updates, and its file.
public struct AdapterInput: Sendable {
  /// What errors call it.
  public let name: String
  /// What it holds.
  public let adapter: Adapter
  private let file: WeightFile

  /// Takes an open file.
  ///
  /// - Returns: nil where it is no adapter.
  public init?(_ file: WeightFile) {
    guard let adapter = Adapter(file.catalog) else { return nil }
    name = file.catalog.file
    self.adapter = adapter
    self.file = file
  }

  /// What the file says of itself.
  var catalog: Catalog { file.catalog }

  /// The elements of a tensor in Float64.
  ///
  /// - Throws: `Diagnostic` of code `badData` where it is damaged or not finite.
  func read(_ entry: TensorEntry) throws -> [Double] {
    do {
      let bytes = try file.readBytes(entry, jobs: 1)
      var values = [Double](repeating: 0, count: entry.elementCount)
      bytes.withUnsafeBytes {
        wsl_widen(entry.elementType.kernelType, $0.baseAddress, &values, Int64(values.count))
      }
      if let broken = values.firstIndex(where: { !$0.isFinite }) {
        throw Diagnostic(
          .badData, "element \(broken) is not a finite number",
          remedy: "training has diverged, or the file is damaged: use an earlier checkpoint")
      }
      return values
    } catch let error as Diagnostic {
      throw error.location.first == name ? error : error.inside(entry.name).inside(name)
    }
  }

  /// The bytes of a tensor as they are.
  func readBytes(_ entry: TensorEntry) throws -> [UInt8] { try file.readBytes(entry, jobs: 1) }

  /// The factors of an update, [out, r] and [r, in · window].
  func factors(_ update: LowRankUpdate) throws -> FactorPair {
    FactorPair(
      left: Matrix(rows: update.rows, columns: update.rank, values: try read(update.left)),
      right: Matrix(rows: update.rank, columns: update.columns, values: try read(update.right)))
  }

  /// What the product of an update's factors is multiplied by; nil where nothing says it.
  func scale(_ update: LowRankUpdate) throws -> Double? {
    switch update.scale {
    case .known(let scale): return scale
    case .tensor(let entry):
      return try read(entry).first.map { $0 / Double(update.rank) }
    case .unknown: return nil
    }
  }
}
