import Catalogs
public import LinearAlgebra
import Support
import Tensors
import WeightFiles

/// Vectors that a model of texts gave to the names of classes: one a class.
public struct TextEmbeddings: Sendable {
  /// The classes, in the file's order.
  public let names: [String]
  /// Their vectors, a row each.
  private let matrix: Matrix<Float>
  private let path: String

  /// The longest vector that a probe's file can say.
  private static let longest = 1 << 15

  /// How long a vector is.
  public var width: Int { matrix.columns }

  /// Reads a file of any format that holds tensors: one of the shape [length] or [1, length] for each
  /// class, of the class's name; or one matrix with a row a class, where the file's attribute `classes`
  /// lists the names.
  ///
  /// - Throws: `Diagnostic`: `noInput` where there is no such file; `badData` where it holds no vectors,
  ///   some of another length, zeros only, or what is not finite.
  public static func read(_ path: String) async throws -> TextEmbeddings {
    let file = try await WeightFile.open(path)
    do {
      let entries = file.catalog.tensors
      if entries.count == 1, entries[0].shape.count == 2, let listed = file.catalog.texts("classes")
      {
        let names = listed.count == 1 ? LabelList.items(of: listed[0]) : listed
        return try TextEmbeddings(names, file.read(entries[0]).values, path)
      }
      guard !entries.isEmpty else {
        throw Diagnostic(
          .badData, "it holds no vectors", remedy: "store one vector under the name of each class")
      }
      var values: [Float] = []
      for entry in entries {
        guard entry.shape.count == 1 || entry.shape.count == 2 && entry.shape[0] == 1 else {
          throw Diagnostic(
            .badData, "it has the shape \(entry.shape), and a class has one vector",
            at: [entry.name],
            remedy:
              "store one vector under the name of each class, or list the names of a matrix's "
              + "rows in the attribute 'classes'")
        }
        guard entry.elementCount == entries[0].elementCount else {
          throw Diagnostic(
            .badData,
            "it has \(entry.elementCount) numbers, and '\(entries[0].name)' has "
              + "\(entries[0].elementCount)", at: [entry.name],
            remedy: "take the vectors of one model of texts")
        }
        values += try file.read(entry).values
      }
      return try TextEmbeddings(entries.map(\.name), values, path)
    } catch let error as Diagnostic {
      throw error.inside(path)
    }
  }

  private init(_ names: [String], _ values: [Float], _ path: String) throws {
    let width = names.isEmpty ? 0 : values.count / names.count
    guard width > 0, width * names.count == values.count, width <= Self.longest else {
      throw Diagnostic(
        .badData, "\(values.count) numbers are no vectors of \(names.count) classes",
        remedy: "give each class one vector of at most \(Self.longest) numbers")
    }
    guard Set(names).count == names.count else {
      throw Diagnostic(.badData, "a class has two vectors", remedy: "give each class one")
    }
    for (row, name) in names.enumerated() {
      let own = values[row * width..<(row + 1) * width]
      guard own.allSatisfy(\.isFinite) else {
        throw Diagnostic(.badData, "a number of it is not finite", at: [name])
      }
      guard own.contains(where: { $0 != 0 }) else {
        throw Diagnostic(.badData, "all its numbers are 0", at: [name])
      }
    }
    self.names = names
    self.path = path
    matrix = Matrix(rows: names.count, columns: width, values: values)
  }

  /// The vectors of some classes, a row each.
  ///
  /// - Parameter column: where the classes are said.
  /// - Throws: `Diagnostic` of code `badData` that names the classes without a vector.
  public func vectors(of classes: [String], column: String) throws -> Matrix<Float> {
    let places = Dictionary(
      names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let missing = classes.filter { places[$0] == nil }
    guard missing.isEmpty else {
      let named = missing.prefix(5).map { "'\($0.prefix(40))'" }.joined(separator: ", ")
      throw Diagnostic(
        .badData,
        "it has no vector for the class\(missing.count > 1 ? "es" : "") \(named)"
          + (missing.count > 5 ? " and \(missing.count - 5) more" : "")
          + " of the column \(column)", at: [path],
        remedy: "add a vector under that name, or leave such models out with a filter")
    }
    let rows = classes.compactMap { places[$0] }
    return Matrix(rows: rows.count, columns: width) { matrix[rows[$0], $1] }
  }

  /// The classes that have a vector and are not among others.
  public func names(beside others: [String]) -> [String] {
    let known = Set(others)
    return names.filter { !known.contains($0) }
  }

  /// One vector: that of a name, or the only one.
  ///
  /// - Throws: `Diagnostic` of code `usage` where there is none of the name, or several without a name.
  public func vector(named name: String?) throws -> [Float] {
    let listed = names.prefix(20).joined(separator: ", ")
    if let name {
      guard let row = names.firstIndex(of: name) else {
        throw Diagnostic(
          .usage, "it has no vector '\(name)'", at: [path], remedy: "there are: \(listed)")
      }
      return Array(matrix.values[row * width..<(row + 1) * width])
    }
    guard names.count == 1 else {
      throw Diagnostic(
        .usage, "it has \(names.count) vectors", at: [path],
        remedy: "name one of them: \(listed)")
    }
    return matrix.values
  }
}
