import Foundation

extension Tool {
  /// Runs the tool below limits, and measures its memory.
  ///
  /// - Parameters:
  ///   - limits: words of the shell's `ulimit`, such as `-f 8`.
  ///   - arguments: the tool's.
  /// - Returns: what came of it, and the largest size that it had in memory, in MiB.
  package static func measured(
    limits: [String] = [], _ arguments: [String]
  ) throws -> (outcome: Outcome, peak: Int) {
    let streams = try Scratch()
    let (output, errors) = (streams.path("out"), streams.path("err"))
    let script =
      limits.map { "ulimit \($0) || exit 99; " }.joined()
      + "exec \"$@\" >\"$OUT\" 2>\"$ERR\" </dev/null"
    // The files are opened before the limits are set: their sizes are limited, too.
    let words = ["/bin/bash", "-c", script, "bash", executable.path] + arguments
    var environment = ProcessInfo.processInfo.environment
    (environment["OUT"], environment["ERR"]) = (output, errors)
    var argv = words.map { strdup($0) } + [nil]
    var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in argv + envp { free(word) } }
    var process: pid_t = 0
    guard posix_spawn(&process, words[0], nil, nil, &argv, &envp) == 0 else {
      throw CocoaError(.executableNotLoadable)
    }
    // What the kernel counts for a child begins with the size of its parent: the child's own is in /proc.
    var (status, peak): (Int32, Int) = (0, 0)
    while true {
      peak = max(peak, largestSize(of: process))
      let ended = waitpid(process, &status, WNOHANG)
      if ended == process || ended < 0 && errno != EINTR { break }
      usleep(2000)
    }
    let signal = status & 0x7F
    func text(_ path: String) -> String {
      String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
    return (
      Outcome(
        code: signal == 0 ? status >> 8 & 0xFF : -signal, output: text(output),
        errors: text(errors)), peak
    )
  }

  /// The largest size that a process had in memory until now, in MiB; 0 where it is gone.
  private static func largestSize(of process: pid_t) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 >> 10 } ?? 0
  }
}
