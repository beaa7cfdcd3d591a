package import Archives
package import CatalogWire
import Glibc
import Subprocess
package import Support
import Synchronization
import SystemPackage

/// The isolated process that opens HDF5 files.
///
/// The file goes in as an open descriptor, so that the worker needs no path and no rights; answers
/// come back through files in memory, whose size the system bounds. Whatever happens to the worker
/// becomes one `Diagnostic` about the file, without a location.
package struct CatalogWorker: Sendable {
  /// The executable.
  package var executable: String
  /// What it may use.
  package var limits: WorkerLimits
  /// What serves many requests sooner; nil where the executable is not known to serve.
  private let servers: CatalogServers?

  /// The worker that belongs to this process.
  package init(executable: String? = nil, limits: WorkerLimits = WorkerLimits()) throws {
    self.executable = try executable ?? CatalogWorker.findExecutable()
    self.limits = limits
    servers = executable == nil && getenv("WSL_CATALOG") == nil ? .shared : nil
  }

  /// The catalogue of an HDF5 file that lies in a window of a file.
  package func catalog(of file: OpenFile, window: FileWindow) async throws -> [CatalogRecord] {
    let arguments = [
      "catalog", String(limits.addressSpace), String(limits.processorSeconds),
      String(file.base + window.offset), String(window.byteCount),
    ]
    let input = try file.filledDescriptor()
    let answer = try AnswerPipe(limit: limits.answerByteCount)
    let served = await servers?.run(
      executable, arguments, input: input, output: answer.writeEnd, limits: limits,
      group: ProcessGroup())
    let bytes = answer.finish()
    if Task.isCancelled { throw Diagnostic(.interrupted, "interrupted") }
    switch served {
    case .ended(let status): return try records(of: bytes, status)
    case .tookTooLong: return try records(of: bytes, nil)
    case .broken, nil: break
    }
    // A server that broke may have answered in part.
    let again = try AnswerPipe(limit: limits.answerByteCount)
    let status: TerminationStatus?
    do {
      status = try await spawn(arguments, input: input, output: again.writeEnd, error: nil)
    } catch {
      _ = again.finish()
      throw error
    }
    let answered = again.finish()
    if Task.isCancelled { throw Diagnostic(.interrupted, "interrupted") }
    return try records(of: answered, status)
  }

  /// The records of an answer that was read while the worker wrote.
  private func records(
    of bytes: [UInt8]?, _ status: TerminationStatus?
  ) throws -> [CatalogRecord] {
    guard let bytes else { throw tooLong }
    try check(status)
    return try records(of: bytes)
  }

  private var tooLong: Diagnostic {
    CatalogWorker.failure(
      "was ended: its answer was longer than \(limits.answerByteCount) bytes")
  }

  /// All elements of a data set, read by libhdf5 itself, as stored without filters. Waits on the
  /// calling thread.
  package func elements(
    of dataset: String, in file: OpenFile, window: FileWindow, byteCount: Int
  ) throws -> [UInt8] {
    let elements = try ScratchFile.make("elements")
    let answer = try ScratchFile.make("outcome")
    var roomy = self
    roomy.limits.addressSpace += 3 * byteCount
    roomy.limits.answerByteCount = max(limits.answerByteCount, byteCount)
    let arguments = [
      "read", String(roomy.limits.addressSpace), String(limits.processorSeconds),
      String(file.base + window.offset), String(window.byteCount), dataset,
    ]
    let status = try BlockingSpawn.run(
      executable, arguments, environment: CatalogWorker.environment,
      descriptors: [try file.filledDescriptor(), elements.descriptor, answer.descriptor],
      limits: roomy.limits)
    try roomy.check(status)
    _ = try records(of: answer)
    let bytes = try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initialized in
      try elements.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
      initialized = byteCount
    }
    return bytes
  }

  /// Applies changes to a copy of an HDF5 file.
  ///
  /// - Parameter largest: the size of the largest change, where it may be large.
  package func patch(_ target: Int32, with changes: Int32, largest: Int = 0) async throws {
    let answer = try ScratchFile.make("outcome")
    var roomy = self
    // The copy grows; only memory, time and the answer are bounded here.
    roomy.limits.answerByteCount = .max
    roomy.limits.addressSpace += 3 * largest
    lseek(changes, 0, SEEK_SET)
    let arguments = [
      "patch", String(roomy.limits.addressSpace), String(limits.processorSeconds),
    ]
    try await roomy.run(arguments, input: changes, output: target, error: answer.descriptor)
    _ = try records(of: answer)
  }

  private func records(of answer: OpenFile) throws -> [CatalogRecord] {
    var status = stat()
    guard fstat(answer.descriptor, &status) == 0, Int(status.st_size) <= limits.answerByteCount
    else { throw CatalogWorker.failure("gave an answer that is too long") }
    let count = Int(status.st_size)
    let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try answer.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
      initialized = count
    }
    return try records(of: bytes)
  }

  private func records(of bytes: [UInt8]) throws -> [CatalogRecord] {
    let records: [CatalogRecord]
    do { records = try CatalogRecord.decode(answer: bytes[...]) } catch let error as WireError {
      throw CatalogWorker.failure("gave an answer that makes no sense: \(error.message)")
    }
    if case .failure(let message) = records.last {
      if message.hasPrefix(CatalogRecord.unwritten) {
        throw Diagnostic(.cannotWrite, message, remedy: "make room and try again")
      }
      throw Diagnostic(
        .badData, "libhdf5 cannot read it: \(message)",
        remedy: "the file is damaged: copy or download it again")
    }
    return records
  }

  private func run(
    _ arguments: [String], input: Int32, output: Int32, error: Int32?
  ) async throws {
    let status = try await spawn(arguments, input: input, output: output, error: error)
    if Task.isCancelled { throw Diagnostic(.interrupted, "interrupted") }
    try check(status)
  }

  private func spawn(
    _ arguments: [String], input: Int32, output: Int32, error: Int32?
  ) async throws -> TerminationStatus? {
    let limits = limits
    // A group of its own, so that whatever it may have started ends with it.
    var options = PlatformOptions()
    options.processGroupID = 0
    let group = ProcessGroup()
    let timer = Task {
      try await Task.sleep(for: .seconds(limits.wallSeconds))
      // Where the threads were busy elsewhere, it may not even have begun.
      while !group.end() { try await Task.sleep(for: .milliseconds(10)) }
    }
    defer {
      timer.cancel()
      group.end()
    }
    let configuration = Configuration(
      executable: .path(FilePath(executable)), arguments: Arguments(arguments),
      environment: .custom(
        Dictionary(
          uniqueKeysWithValues: CatalogWorker.environment.map {
            (Environment.Key(stringLiteral: $0.key), $0.value)
          })), platformOptions: options)
    let silence = open("/dev/null", O_WRONLY | O_CLOEXEC)
    defer { close(silence) }
    do {
      let status = try await Subprocess.run(
        configuration,
        input: .fileDescriptor(
          FileDescriptor(rawValue: input), closeAfterSpawningProcess: false),
        output: .fileDescriptor(
          FileDescriptor(rawValue: output), closeAfterSpawningProcess: false),
        error: .fileDescriptor(
          FileDescriptor(rawValue: error ?? silence), closeAfterSpawningProcess: false)
      ) { execution in
        // The worker limits itself first thing; this holds for whatever runs in its place.
        group.process.store(execution.processIdentifier.value, ordering: .relaxed)
        CatalogWorker.limit(execution.processIdentifier.value, limits)
      }.terminationStatus
      // What ended by itself, ended so, even where that was noticed late.
      return group.wasEnded && status == .signaled(SIGKILL) ? nil : status
    } catch let failure as SubprocessError {
      if Task.isCancelled { throw Diagnostic(.interrupted, "interrupted") }
      throw CatalogWorker.cannotStart("\(failure)")
    }
  }

  package static func cannotStart(_ reason: String) -> Diagnostic {
    Diagnostic(
      .failed, "the worker that reads HDF5 files could not be started: \(reason)",
      remedy: "reinstall wsl, or set WSL_CATALOG to the path of wsl-catalog")
  }

  private func check(_ status: TerminationStatus?) throws {
    switch status {
    case nil:
      throw CatalogWorker.failure("took longer than \(limits.wallSeconds) seconds and was ended")
    case .exited(0): return
    case .exited(let code): throw CatalogWorker.failure("ended with code \(code)")
    case .signaled(SIGXCPU), .signaled(SIGKILL):
      throw CatalogWorker.failure(
        "was ended: it used more than \(limits.processorSeconds) seconds of processor time, or the "
          + "system ran out of memory")
    case .signaled(SIGXFSZ) where CatalogWorker.largestFile < limits.answerByteCount:
      throw Diagnostic(
        .failed,
        "no file may have more than \(CatalogWorker.largestFile) bytes here, and what it holds takes "
          + "more to tell", remedy: "raise the limit: ulimit -f unlimited")
    case .signaled(SIGXFSZ): throw tooLong
    case .signaled(let signal):
      throw CatalogWorker.failure(
        "crashed (signal \(signal)), or wanted more than \(limits.addressSpace >> 20) MiB")
    }
  }

  private static func failure(_ what: String) -> Diagnostic {
    Diagnostic(
      .badData, "the worker that reads HDF5 files \(what)",
      remedy: "the file is damaged or hostile: do not use it")
  }
}
