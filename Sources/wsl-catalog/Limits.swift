import Glibc

/// What the worker takes from itself before it looks at a file.
struct Limits {
  /// Bytes of address space.
  var addressSpace: UInt64
  /// Seconds of processor time.
  var processorSeconds: UInt64

  /// Applies the limits. They hold from here to the end of the process.
  func apply() throws {
    try limit(RLIMIT_AS, addressSpace)
    try limit(RLIMIT_CPU, processorSeconds)
    try limit(RLIMIT_CORE, 0)
    // Descriptors that are open stay open; no other file can be opened any more.
    try limit(RLIMIT_NOFILE, 0)
  }

  private func limit(_ resource: __rlimit_resource, _ value: UInt64) throws {
    var limits = rlimit()
    guard getrlimit(resource.rawType, &limits) == 0 else { throw WorkerError(message: "no limits") }
    limits.rlim_max = min(limits.rlim_max, rlim_t(value))
    limits.rlim_cur = limits.rlim_max
    guard setrlimit(resource.rawType, &limits) == 0 else {
      throw WorkerError(message: "the worker could not limit itself")
    }
  }
}

extension __rlimit_resource {
  /// The type that the calls take, which glibc declares apart from the constants.
  fileprivate var rawType: __rlimit_resource_t { __rlimit_resource_t(rawValue) }
}
