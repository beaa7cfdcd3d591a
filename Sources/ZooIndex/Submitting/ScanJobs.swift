import Foundation
import Support

/// The jobs of a scan on several machines: an array whose tasks are shards, and the merge after it.
public struct ScanJobs: Sendable {
  /// The folder for shards and logs.
  public var folder: String
  /// How many shards.
  public var shards: Int
  /// How many of them may run at once; nil means all.
  public var width: Int?
  /// The words of a shard's command; the part is left to the scheduler where it is nil.
  public var scanCommand: @Sendable (Int?) -> [String]
  /// The words of the merge's command.
  public var mergeCommand: [String]
  /// Further lines for the scheduler: `--partition=zoo`.
  public var schedulerOptions: [String]

  /// Describes the jobs of a scan.
  ///
  /// - Throws: `Diagnostic` of code `usage` where a number or an option makes no sense.
  public init(
    folder: String, shards: Int, width: Int? = nil, schedulerOptions: [String] = [],
    mergeCommand: [String], scanCommand: @escaping @Sendable (Int?) -> [String]
  ) throws {
    guard (1...10_000).contains(shards), (width ?? 1) >= 1 else {
      throw Diagnostic(
        .usage, "a scan has 1 to 10000 shards, and 1 or more run at once",
        remedy: "for example: \(setting: .shards) 8")
    }
    for option in schedulerOptions
    where !option.hasPrefix("--") || option.contains(where: \.isNewline) {
      throw Diagnostic(
        .usage, "'\(option)' is no option of sbatch", remedy: "for example: --partition=zoo")
    }
    self.folder = folder
    self.shards = shards
    self.width = width
    self.scanCommand = scanCommand
    self.mergeCommand = mergeCommand
    self.schedulerOptions = schedulerOptions
  }

  /// Slurm's script of the array. Before its time is over a task gets SIGTERM, finishes the model in
  /// work, and is queued again.
  public var slurmScript: String {
    """
    #!/bin/bash
    #SBATCH --job-name=wsl-scan
    #SBATCH --array=0-\(shards - 1)\(width.map { "%\($0)" } ?? "")
    #SBATCH --signal=B:TERM@120
    #SBATCH --requeue
    #SBATCH --open-mode=append
    #SBATCH --output=\(folder)/scan-%A_%a.log
    \(schedulerOptions.map { "#SBATCH \($0)\n" }.joined())
    \(ScanJobs.shell(scanCommand(nil))) &
    scan=$!
    trap 'kill -TERM "$scan" 2>/dev/null' TERM
    wait "$scan"
    code=$?
    while kill -0 "$scan" 2>/dev/null; do wait "$scan"; code=$?; done
    if [ "$code" -eq 75 ]; then scontrol requeue "$SLURM_JOB_ID"; fi
    exit "$code"

    """
  }

  /// Slurm's script of the merge.
  public var slurmMergeScript: String {
    """
    #!/bin/bash
    #SBATCH --job-name=wsl-merge
    #SBATCH --output=\(folder)/merge-%j.log
    \(schedulerOptions.map { "#SBATCH \($0)\n" }.joined())
    exec \(ScanJobs.shell(mergeCommand))

    """
  }

  /// The words of the command that submits the array; its script comes on standard input.
  public var submitCommand: [String] { ["sbatch", "--parsable"] }

  /// The words of the command that submits the merge after an array, however that ends.
  public func submitMergeCommand(after job: String) -> [String] {
    ["sbatch", "--parsable", "--dependency=afterany:\(job)"]
  }

  /// A path as all nodes see it: from the root, without links in its folders.
  public static func absolute(_ path: String) -> String { FolderWalk.absolute(path) }

  /// Words as a shell takes them.
  public static func shell(_ words: [String]) -> String {
    words.map { word in
      let isPlain =
        !word.isEmpty
        && word.allSatisfy {
          $0.isASCII && ($0.isLetter || $0.isNumber || "-_./,=:+@%".contains($0))
        }
      return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }.joined(separator: " ")
  }
}
