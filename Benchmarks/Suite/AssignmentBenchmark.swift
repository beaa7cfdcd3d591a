import Foundation
import LinearAlgebra
import WorkbenchCore

/// The assignments of one matching, as `peers/weight_matching.py --dump` wrote them.
enum AssignmentBenchmark {
  /// Solves the sequence as `WeightMatching` does: a solver a group, which starts from its last
  /// potentials.
  static func run(folder: String) throws -> [String: [String: Double]] {
    // SEED-STEP-GROUP.f32: the names sort in the order of solving.
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".f32") }.sorted()
    let problems = try names.map { name in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(name))
      let values = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      let size = Int(Double(values.count).squareRoot().rounded())
      guard size > 0, size * size == values.count,
        let group = name.dropLast(4).split(separator: "-").last
      else { throw Diagnostic(.badData, "this is no square matrix", at: [name]) }
      return (group: group, profits: Matrix<Float>(rows: size, columns: size, values: values))
    }
    guard let first = problems.first else {
      throw Diagnostic(.noInput, "there are no matrices", at: [folder])
    }
    var total = 0.0
    let best = try Stopwatch.best(of: 5) {
      var solvers: [Substring: LinearAssignment] = [:]
      total = 0
      for problem in problems {
        var solver =
          solvers.removeValue(forKey: problem.group)
          ?? LinearAssignment(size: problem.profits.rows)
        total += try solver.maximize(problem.profits).total
        solvers[problem.group] = solver
      }
    }
    var figures = best.milliseconds
    figures["size"] = Double(first.profits.rows)
    figures["count"] = Double(problems.count)
    figures["total"] = total
    return ["assignment": figures]
  }
}
