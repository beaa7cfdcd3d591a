import Foundation
import LinearAlgebra
import Support

/// Assignments in files: those of one matching, as `peers/weight_matching.py --dump` wrote them, or
/// random ones, as `peers/assignment.py --make` did.
enum AssignmentBenchmark {
  private struct Problem {
    /// What stands before or behind the other parts of the name.
    var words: [Substring]
    var matrix: Matrix<Float>
  }

  private static func problems(in folder: String) throws -> [Problem] {
    // The names sort in the order of solving.
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".f32") }.sorted()
    guard !names.isEmpty else {
      throw Diagnostic(.noInput, "there are no matrices", at: [folder])
    }
    return try names.map { name in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(name))
      let values = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      let size = Int(Double(values.count).squareRoot().rounded())
      let words = name.dropLast(4).split(separator: "-")
      guard size > 0, size * size == values.count, words.count == 3 else {
        throw Diagnostic(.badData, "this is no square matrix", at: [name])
      }
      return Problem(
        words: words, matrix: Matrix<Float>(rows: size, columns: size, values: values))
    }
  }

  /// Solves a sequence SEED-STEP-GROUP of profits as `WeightMatching` does: a solver a group, which
  /// starts from its last potentials.
  static func run(folder: String) throws -> [String: [String: Double]] {
    let problems = try problems(in: folder)
    var total = 0.0
    let best = try Stopwatch.best(of: 5) {
      var solvers: [Substring: LinearAssignment] = [:]
      total = 0
      for problem in problems {
        let group = problem.words[2]
        var solver =
          solvers.removeValue(forKey: group) ?? LinearAssignment(size: problem.matrix.rows)
        total -= try solver.minimize(problem.matrix.mapped { -$0 }).total
        solvers[group] = solver
      }
    }
    var figures = best.milliseconds
    figures["size"] = Double(problems[0].matrix.rows)
    figures["count"] = Double(problems.count)
    figures["total"] = total
    return ["assignment": figures]
  }

  /// Solves every problem FAMILY-SIZE-INDEX of costs by itself, and sums up each family and size.
  static func families(folder: String) throws -> [String: [String: Double]] {
    let families = Dictionary(grouping: try problems(in: folder)) {
      $0.words[..<2].joined(separator: "-")
    }
    return try families.mapValues { problems in
      var total = 0.0
      var gap = 0.0
      let size = problems[0].matrix.rows
      // A pass over small problems takes less than a millisecond: the least of many is steady.
      let best = try Stopwatch.best(of: size <= 64 ? 30 : size < 2048 ? 5 : 2) {
        total = 0
        gap = 0
        for problem in problems {
          var solver = LinearAssignment(size: size)
          let solution = try solver.minimize(problem.matrix)
          total += solution.total
          gap += solution.optimalityGap
        }
      }
      var figures = best.milliseconds
      figures["total"] = total
      figures["gap"] = gap
      return figures
    }
  }
}
