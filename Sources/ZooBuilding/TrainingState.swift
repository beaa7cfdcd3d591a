import Catalogs
import Foundation
import Networks
import Support
import Tensors
import WeightFiles

/// A checkpoint on disk with the optimiser's averages, from which training goes on after it was
/// interrupted. It lies beside the model, hidden, and goes when the model is finished.
enum TrainingState {
  /// Where the state of a model lies.
  static func path(of name: String, in folder: String) -> String { "\(folder)/.\(name).state.h5" }

  /// Writes a state.
  static func write(_ checkpoint: TrainingCheckpoint, of plan: TrainingPlan, to path: String) throws
  {
    var document = HDF5Document()
    for (part, weights) in ([checkpoint.weights] + checkpoint.averages).enumerated() {
      for (name, tensor) in weights.sorted(by: { $0.key < $1.key }) {
        document.add("\(part)/\(name)", tensor)
      }
    }
    let rows = checkpoint.history.map { record -> [Double] in
      let test = record.validation
      return [
        Double(record.epoch), record.learningRate, record.training.loss, record.training.accuracy,
        Double(record.training.count), test?.loss ?? 0, test?.accuracy ?? 0,
        Double(test?.count ?? -1),
      ]
    }
    let bytes = rows.joined().flatMap { number in
      (0..<8).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
    }
    document.datasets.append(
      HDF5Document.Dataset(
        name: "history", shape: [rows.count, 8], elementType: .float64, bytes: bytes))
    document.attributes[""] = [
      "recipe_sha256": .string(plan.hash), "epoch": .numbers([Double(checkpoint.epoch)]),
      "averages": .numbers([Double(checkpoint.averages.count)]),
    ]
    try document.write(to: path, compression: .none, overwrites: true, jobs: 1)
  }

  /// A state that was read, and the recipe that it belongs to.
  struct Stored: Sendable {
    var recipeHash: String
    var checkpoint: TrainingCheckpoint
  }

  /// Reads a state; nil where there is none, or it is damaged: training then begins anew, with the
  /// same result.
  static func read(_ path: String) async -> Stored? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try? await stored(path)
  }

  private static func stored(_ path: String) async throws -> Stored? {
    let file = try await WeightFile.open(path)
    let catalog = file.catalog
    guard let hash = catalog.text("recipe_sha256"),
      case .numbers(let epoch)? = catalog.attributes[""]?["epoch"],
      case .numbers(let count)? = catalog.attributes[""]?["averages"],
      epoch.count == 1, count.count == 1, (0...2).contains(count[0])
    else { return nil }
    var parts = Array(repeating: Weights(), count: Int(count[0]) + 1)
    for entry in catalog.tensors where entry.name != "history" {
      let words = entry.name.split(separator: "/", maxSplits: 1)
      guard words.count == 2, let part = Int(words[0]), parts.indices.contains(part) else {
        return nil
      }
      parts[part][String(words[1])] = try file.read(entry)
    }
    let history = try records(file.readBytes(file.entry(named: "history")))
    guard Int(exactly: epoch[0]) == history.count else { return nil }
    return Stored(
      recipeHash: hash,
      checkpoint: TrainingCheckpoint(
        epoch: history.count, weights: parts[0], averages: Array(parts.dropFirst()),
        history: history))
  }

  private static func records(_ bytes: [UInt8]) -> [EpochRecord] {
    let numbers = stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
      Double(
        bitPattern: (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * $1) })
    }
    func evaluation(_ row: Int, _ place: Int) -> Evaluation? {
      let part = numbers[row + place..<row + place + 3]
      guard let count = Int(exactly: part[part.startIndex + 2]), count >= 0 else { return nil }
      return Evaluation(
        loss: part[part.startIndex], accuracy: part[part.startIndex + 1], count: count)
    }
    return stride(from: 0, to: numbers.count - numbers.count % 8, by: 8).compactMap { row in
      guard let training = evaluation(row, 2), let epoch = Int(exactly: numbers[row]) else {
        return nil
      }
      return EpochRecord(
        epoch: epoch, learningRate: numbers[row + 1], training: training,
        validation: evaluation(row, 5))
    }
  }
}
