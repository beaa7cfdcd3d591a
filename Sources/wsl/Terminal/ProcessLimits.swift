import Foundation
import Support

/// The limits under which the process runs: those that it can raise it does, and where one leaves no room
/// to work it says so. Libraries below wait for ever for a thread or a descriptor that they cannot have.
enum ProcessLimits {
  /// A model of several files, and the worker that reads it, have about as many open.
  private static let descriptorCount = 64
  /// What the process takes before it does anything: its code, and memory that libraries set aside.
  private static let addressSpace = 768 << 20
  /// What every thread sets aside beside that.
  private static let threadAddressSpace = 96 << 20

  /// - Throws: `Diagnostic` of code `failed`.
  static func prepare() throws {
    // A limit on the size of files is an error of the write, and not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    var limits = rlimit()
    let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    if getrlimit(descriptors, &limits) == 0, limits.rlim_cur < limits.rlim_max {
      limits.rlim_cur = min(limits.rlim_max, 1 << 16)
      setrlimit(descriptors, &limits)
      getrlimit(descriptors, &limits)
    }
    guard limits.rlim_cur >= descriptorCount else {
      throw Diagnostic(
        .failed, "\(limits.rlim_cur) files may be open at once, and it takes \(descriptorCount)",
        remedy: "raise the limit: ulimit -n 1024")
    }
    let needed = addressSpace + Parallel.processorCount * threadAddressSpace
    if let limit = MachineMemory.addressSpaceLimit, limit < needed {
      throw Diagnostic(
        .failed,
        "\(ByteCount.rough(limit)) of address space are allowed, and it takes "
          + ByteCount.rough(needed), remedy: "raise the limit: ulimit -v \(needed >> 10)")
    }
  }
}
