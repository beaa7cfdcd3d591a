import Datasets
import Foundation
import LinearAlgebra
import Networks
import Reports
import Support
import WeightFiles
import ZooIndex

/// What `wsl doctor` says.
struct DoctorResult: Encodable {
  struct Problem: Encodable {
    var what: String
    var remedy: String
  }

  var version: String
  var libraries: [String: String]
  var instructions: [String]
  var processors: Int
  var memoryBytes: Int
  var openFileLimit: Int
  var worker: String?
  var problems: [Problem]

  /// Looks at the installation: asks each library for its version, and has the worker read a file
  /// that comes with the tool.
  static func examine() async -> DoctorResult {
    var problems: [Problem] = []
    var worker: String?
    do {
      worker = try WeightFilesLibraries.workerPath()
      let digits = try await DataSource.load("digits", split: .test)
      if digits.count == 0 {
        problems.append(
          Problem(what: "the built-in digits are empty", remedy: "install wsl again"))
      }
    } catch {
      problems.append(
        Problem(
          what: "reading a file through the worker fails: \(error)",
          remedy: "install wsl again, wsl-catalog beside wsl"))
    }
    return DoctorResult(
      version: Workbench.version,
      libraries: ToolVersion.libraries,
      instructions: InstructionSet.present,
      processors: Parallel.processorCount,
      memoryBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory),
      openFileLimit: openFileLimit, worker: worker, problems: problems)
  }

  private static var openFileLimit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return Int(clamping: limit.rlim_cur)
  }

  /// The result for a person.
  var text: String {
    var table = TextTable([.text("wsl"), .text(version)])
    for (name, version) in libraries.sorted(by: { $0.key < $1.key }) { table.add(name, version) }
    table.add("instructions", instructions.joined(separator: ", "))
    table.add("processors", String(processors))
    table.add("memory", NumberFormat.bytes(memoryBytes))
    table.add("open files", String(openFileLimit))
    table.add("worker", worker ?? "missing")
    let findings =
      problems.isEmpty
      ? "nothing is missing" : problems.map { "\($0.what); \($0.remedy)" }.joined(separator: "\n")
    return table.text + "\n\n" + findings
  }
}
