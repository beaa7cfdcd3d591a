import Catalogs
import Probes
import Support
import Tensors
import WeightFiles
import ZooIndex

extension ProbeRun {
  func plane(_ input: ProbeInput?) throws -> LayerPlane? {
    guard options.wantsPlane, let input, input.stack != nil else { return nil }
    return try LayerPlane(input, jobs: options.reading.jobs)
  }

  /// The roots that models are lined up with, where that is asked for; models without one are left out.
  func documentedRoots(
    _ models: inout ProbeModels
  ) async throws -> (alignment: RootAlignment, places: [Int64: Int], byteCount: Int)? {
    guard options.alignsToRoots, options.method.description.subject == .layer else { return nil }
    let roots = try await DocumentedRoots(
      of: models.files, in: index, options: options.reading, progress: progress)
    var places: [Int64: Int] = [:]
    for (id, place) in zip(models.ids, roots.places) { places[id] = place }
    models.remove(roots.reasons)
    guard !models.ids.isEmpty else { throw noModels(models) }
    return (roots.alignment, places, roots.byteCount)
  }

  /// The largest share of models that may be left out for the shapes of their layers where layers are not
  /// read as such.
  private static let fewModels = 0.1

  /// The layers that the models have in common. Seven numbers of a tensor are the same seven whatever its
  /// shape: of a zoo of many widths all models are taken, while few that differ from all others are left
  /// out as foreign.
  func sharedLayers(
    _ models: ProbeModels, _ subject: ProbeMethodDescription.Subject
  ) throws -> SharedLayers? {
    let catalogs = try ModelCatalogs.of(models.ids, in: index)
    guard subject != .layer else {
      return try SharedLayers(catalogs, named: options.layer, convolutions: options.convolutions)
    }
    guard let shared = try? SharedLayers(catalogs, named: options.layer) else { return nil }
    let most = Self.fewModels * Double(models.ids.count)
    return Double(shared.reasons.count) <= most ? shared : nil
  }

  func noModels(_ models: ProbeModels) -> Diagnostic {
    let first = models.skipped.first.map { ": \($0.file): \($0.reason)" } ?? ""
    return Diagnostic(
      .badData, "no model is left to learn from\(first)", at: [index.path],
      remedy: "choose another column or filter")
  }

  /// The tensors that most models have, of which the others are left out.
  func sharedTensors(_ models: inout ProbeModels) throws -> [String] {
    let names = try index.tensors(of: models.ids).map { tensors in
      tensors.filter {
        $0.elementType.isFloatingPoint && $0.elementCount > 0 && $0.role != .optimiserState
      }.map(\.name).sorted()
    }
    let counts = Dictionary(grouping: names.indices) { names[$0] }
    let common =
      counts.max { ($0.value.count, $1.value[0]) < ($1.value.count, $0.value[0]) }?.key ?? []
    var reasons: [Int: String] = [:]
    for (model, own) in names.enumerated() where own != common {
      reasons[model] = "it has other tensors than most models"
    }
    models.remove(reasons)
    return common
  }
}
