import Catalogs
import Support
import Tensors
public import WeightFiles

extension MergekitMerger {
  /// The result on its way into a file or a folder, its tensors by name. They are made when they are written.
  ///
  /// - Parameter seed: what chance follows from.
  /// - Throws: `Diagnostic` of code `badData` where elements that have no mean differ between the models.
  public func contents(seed: UInt64) throws -> ModelContents {
    var contents = ModelContents()
    contents.attributes[""] = ["format": .string("pt")]
    let pool = WorkspacePool(inputCount: 1 + (plan.items.map(\.inputs.count).max() ?? 0))
    for item in plan.items.sorted(by: { $0.name < $1.name }) {
      let shape = item.inputs[0].entry.shape
      let type = elementType(of: item)
      guard let rule = item.rule else {
        let bytes = try equalBytes(of: item)
        contents.add(item.name, shape: shape, as: type) { bytes }
        continue
      }
      let entry = TensorEntry(
        name: item.name, shape: shape, elementType: type, layout: .unallocated)
      contents.add(
        item.name, shape: shape, as: type,
        computing: TensorReplacement(heldByteCount: heldByteCount(item)) { jobs in
          let tensor = try open(item, as: entry, pool, jobs: jobs)
          let made = try rule.rule(for: tensor, seed: seed, jobs: jobs)
          return ComputedElements { range, target in
            try tensor.fill(range, by: made, into: target, nil)
          }
        })
    }
    return contents
  }

  private func open(
    _ item: MergekitPlan.Item, as entry: TensorEntry, _ pool: WorkspacePool, jobs: Int?
  ) throws -> OpenedTensor {
    let inputs = item.order.map { item.inputs[$0] }
    let ranges = try inputs.map { input in
      guard let file = models[input.model]?.file else {
        throw Diagnostic(.failed, "this model is gone", at: [input.model])
      }
      return try file.ranges(of: input.entry, jobs: jobs)
    }
    return OpenedTensor(
      entry: entry, inputs: ranges, names: inputs.map(\.model),
      modelCount: inputs.count - (recipe.method.countsFromBase ? 1 : 0), pool: pool)
  }

  private func heldByteCount(_ item: MergekitPlan.Item) -> Int {
    item.inputs.reduce(0) { sum, input in
      guard let file = models[input.model]?.file else { return sum }
      let isHeld = item.rule?.needsPasses == true || !file.isOneRun(input.entry)
      return sum + (isHeld ? input.entry.byteCount : 0)
    }
  }

  /// Elements that have no mean, which therefore have to be the same in all models.
  private func equalBytes(of item: MergekitPlan.Item) throws -> [UInt8] {
    var first: [UInt8]?
    for input in item.inputs {
      guard let file = models[input.model]?.file else { continue }
      let bytes = try file.readBytes(input.entry, jobs: nil)
      guard first == nil || first == bytes else {
        throw Diagnostic(
          .badData,
          "its elements (\(input.entry.elementType.rawValue)) have no mean, and differ from "
            + item.inputs[0].model, at: [input.model, input.entry.name],
          remedy: "merge the models as they were before they were quantised")
      }
      first = bytes
    }
    return first ?? []
  }
}
