/// What is to be read of what a walk found, and what is known already. It grows while archives are
/// opened.
struct ReadingPlan {
  private let known: KnownUnits
  private let options: Indexer.Options
  private let isConcerned: (ModelUnit, _ isArchive: Bool) -> Bool
  private var work: [ModelUnit] = []
  private var begun = 0

  /// Units of archives that were written again, and that did not change themselves.
  private(set) var confirmed: [String] = []
  /// The paths of all units that are there.
  private(set) var there: Set<String> = []
  /// How many units were read, beside archives.
  private(set) var readCount = 0
  /// How many were as they had been.
  private(set) var unchangedCount = 0

  /// Plans against what is known.
  ///
  /// - Parameter isConcerned: whether a unit has to be read again although it did not change.
  init(
    _ known: KnownUnits, options: Indexer.Options,
    isConcerned: @escaping (ModelUnit, _ isArchive: Bool) -> Bool
  ) {
    self.known = known
    self.options = options
    self.isConcerned = isConcerned
  }

  /// How many units are read in all, as far as is known.
  var count: Int { work.count }

  /// Takes in what was found.
  mutating func add(_ units: [ModelUnit]) { add(units, areMembers: false) }

  private mutating func add(_ units: [ModelUnit], areMembers: Bool) {
    for var unit in units {
      there.insert(unit.path)
      let members = known.members(of: unit.path)
      let state = known.state(of: unit, options: options)
      if state != .stale, !isConcerned(unit, members != nil) {
        if areMembers { confirmed.append(unit.path) }
        if state == .current {
          there.formUnion(members ?? [])
          unchangedCount += members?.count ?? 1
          continue
        }
        unit.lacksHashes = true
      }
      work.append(unit)
    }
  }

  /// The next unit to read; nil where there is none now.
  mutating func next() -> ModelUnit? {
    guard begun < work.count else { return nil }
    defer { begun += 1 }
    return work[begun]
  }

  /// Notes that a unit was read.
  ///
  /// - Parameter members: what it holds, where it is an archive.
  mutating func finished(_ members: [ModelUnit]?) {
    if let members { add(members, areMembers: true) } else { readCount += 1 }
  }
}
