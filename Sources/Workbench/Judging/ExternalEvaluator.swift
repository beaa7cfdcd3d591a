import Foundation
import Support

/// The user's own command that measures models which only a framework can run.
///
/// It is started once, by the shell, and asked line by line: `{"path": FILE, "split": "test"}` on its
/// standard input, `{"loss": 0.31, "accuracy": 0.92}` or `{"error": "…"}` on its standard output;
/// the accuracy may be left out. Its standard error is the terminal's.
public final class ExternalEvaluator {
  private let command: String
  private let timeout: Double
  private let process = Process()
  private let toProcess = Pipe()
  private let fromProcess = Pipe()
  private var pending: [UInt8] = []

  /// The most bytes of one answer.
  private static let longestAnswer = 1 << 20

  /// Starts the command.
  ///
  /// - Parameter timeout: how many seconds an answer may take.
  public init(command: String, timeout: Double) throws {
    self.command = command
    self.timeout = timeout
    // A command that ended makes writing to it fail, which is an error to report, not to die of.
    signal(SIGPIPE, SIG_IGN)
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.standardInput = toProcess
    process.standardOutput = fromProcess
    do { try process.run() } catch {
      throw problem("it cannot be started (\(error.localizedDescription))")
    }
  }

  deinit { stop() }

  /// Ends the command: politely, by the end of its input; then not.
  public func stop() {
    try? toProcess.fileHandleForWriting.close()
    for _ in 0..<100 where process.isRunning { usleep(10_000) }
    guard process.isRunning else { return }
    // The shell leads a group of its own, and what it started ends with it.
    if kill(-process.processIdentifier, SIGKILL) != 0 { kill(process.processIdentifier, SIGKILL) }
  }

  /// The loss and the accuracy of the model in a file; an accuracy that was not given is NaN.
  public func evaluate(_ path: String, split: String) throws -> (loss: Double, accuracy: Double) {
    let question = try JSONSerialization.data(
      withJSONObject: ["path": path, "split": split],
      options: [.sortedKeys, .withoutEscapingSlashes])
    do { try toProcess.fileHandleForWriting.write(contentsOf: question + Data("\n".utf8)) } catch {
      throw ended()
    }
    let line = try readLine()
    guard let answer = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else {
      throw problem("its answer is no JSON object: \(Self.excerpt(line))")
    }
    if let message = answer["error"] { throw problem("it says: \(message)") }
    guard let loss = (answer["loss"] as? NSNumber)?.doubleValue else {
      throw problem("its answer has no number 'loss': \(Self.excerpt(line))")
    }
    return (loss, (answer["accuracy"] as? NSNumber)?.doubleValue ?? .nan)
  }

  private func readLine() throws -> [UInt8] {
    let end = ContinuousClock.now + .seconds(timeout)
    let descriptor = fromProcess.fileHandleForReading.fileDescriptor
    var buffer = Array(repeating: UInt8(0), count: 4096)
    while true {
      if let newline = pending.firstIndex(of: 0x0A) {
        let line = Array(pending[..<newline])
        pending.removeSubrange(...newline)
        return line
      }
      guard pending.count <= Self.longestAnswer else {
        throw problem("its answer is longer than \(Self.longestAnswer) bytes")
      }
      let left = (end - ContinuousClock.now) / .seconds(1)
      guard left > 0 else {
        throw problem(
          "it gave no answer in \(Int(timeout)) s",
          remedy: "allow more with \(setting: .evaluatorTimeout)")
      }
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&watched, 1, Int32(min(left * 1000, 60_000)) + 1)
      if ready < 0 && errno != EINTR { throw ended() }
      guard ready > 0 else { continue }
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { throw ended() }
      if count > 0 { pending += buffer[..<count] }
    }
  }

  private func ended() -> Diagnostic {
    for _ in 0..<50 where process.isRunning { usleep(10_000) }
    let how = process.isRunning ? "closed its output" : "ended with \(process.terminationStatus)"
    return problem("it \(how) before it answered")
  }

  private func problem(_ message: String, remedy: Wording? = nil) -> Diagnostic {
    Diagnostic(
      .failed, message, at: ["\(Wording("\(setting: .evaluator)")) \(command)"],
      remedy: remedy
        ?? #"it has to answer {"path", "split"} with {"loss", "accuracy"}, a line each"#)
  }

  private static func excerpt(_ bytes: [UInt8]) -> String {
    String(String(decoding: bytes, as: UTF8.self).prefix(80))
  }
}
