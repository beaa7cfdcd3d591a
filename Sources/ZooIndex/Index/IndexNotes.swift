/// What a person should know of models that were indexed: the same of many is said once.
struct IndexNotes: Sendable {
  private var files: [String: (first: String, count: Int)] = [:]

  /// Takes down something of a model.
  mutating func add(_ note: String, of file: String) {
    let known = files[note] ?? (file, 0)
    files[note] = (min(known.first, file), known.count + 1)
  }

  /// A sentence for each thing that was taken down, in the order of the first files.
  var warnings: [String] {
    files.sorted { ($0.value.first, $0.key) < ($1.value.first, $1.key) }.map { note, models in
      let others = models.count == 1 ? "" : " and \(models.count - 1) more"
      return "\(models.first)\(others): \(note)"
    }
  }
}
