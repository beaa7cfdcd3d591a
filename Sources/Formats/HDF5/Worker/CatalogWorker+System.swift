import CLinux
import Glibc
import Support

extension CatalogWorker {
  /// The name of the executable.
  package static let name = "wsl-catalog"

  /// The worker beside the running executable (that of the tests lies in the same folder), or the one
  /// that `WSL_CATALOG` names.
  package static func findExecutable() throws -> String {
    if let named = getenv("WSL_CATALOG") { return String(cString: named) }
    var folders: [String] = []
    if let own = realpath("/proc/self/exe", nil) {
      folders.append(folder(of: String(cString: own)))
      free(own)
    }
    // Under a test runner the bundle of the tests is an argument.
    folders += CommandLine.arguments.filter { $0.contains("/") }.map(folder(of:))
    for folder in folders {
      let path = folder + "/" + name
      if access(path, X_OK) == 0 { return path }
    }
    throw Diagnostic(
      .failed, "the worker \(name) is not beside \(folders.first ?? "the executable")",
      remedy: "reinstall wsl, or set WSL_CATALOG to its path")
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return String(path[..<slash])
  }

  /// Only what the loader needs: nothing of the caller's environment steers libhdf5.
  package static var environment: [String: String] {
    var kept = ["SWIFT_BACKTRACE": "enable=no"]
    for key in ["LD_LIBRARY_PATH", "PATH"] {
      if let value = getenv(key) { kept[key] = String(cString: value) }
    }
    return kept
  }

  /// Puts limits on a process from outside. It may be gone already; then nothing is to be limited.
  package static func limit(_ process: Int32, _ limits: WorkerLimits) {
    set(RLIMIT_AS, limits.addressSpace, of: process)
    set(RLIMIT_CPU, limits.processorSeconds, of: process)
    set(RLIMIT_CORE, 0, of: process)
    if limits.answerByteCount < .max { set(RLIMIT_FSIZE, limits.answerByteCount, of: process) }
  }

  /// Ends what is left of a worker's process group.
  package static func end(group: Int32) {
    if group > 1 { kill(-group, SIGKILL) }
  }

  /// The largest file that this process, and those that it starts, may write.
  package static var largestFile: Int {
    var limits = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limits) == 0 else { return .max }
    return Int(clamping: limits.rlim_cur)
  }

  private static func set(_ resource: __rlimit_resource, _ value: Int, of process: pid_t) {
    _ = clinux_limit(process, Int32(resource.rawValue), UInt64(value))
  }
}
