import GRDB
import Support

extension ZooIndex {
  /// Forgets that metrics were computed for the models that a filter takes; the next scan computes
  /// them anew.
  public func forget(_ metrics: [any Metric], where filter: String?) throws {
    let models = try models(where: filter)
    let names = metrics.map(\.description.name)
    try translated(.cannotWrite) {
      try queue.write { database in
        let statement = try database.makeStatement(
          sql: "DELETE FROM measured WHERE model = ? AND metric = ?")
        for model in models {
          for name in names { try statement.execute(arguments: [model, name]) }
        }
      }
    }
  }
}
