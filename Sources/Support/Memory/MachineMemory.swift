import Foundation
import Synchronization

/// How much memory there is for this process, and whether a large piece of it can be had.
public enum MachineMemory {
  /// The most that this process may take: the machine's memory, or less where a control group or a
  /// limit on the address space says so.
  public static let byteCount: Int = {
    let pages = Int(sysconf(Int32(_SC_PHYS_PAGES)))
    let physical = pages > 0 ? pages * Int(sysconf(Int32(_SC_PAGESIZE))) : Int.max
    return min(physical, controlGroupLimit ?? .max, addressSpaceLimit ?? .max)
  }()

  /// The limit on the address space (`ulimit -v`); nil where there is none.
  public static var addressSpaceLimit: Int? {
    var limits = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limits) == 0,
      limits.rlim_cur != rlim_t.max
    else { return nil }
    return Int(clamping: limits.rlim_cur)
  }

  /// What the control group allows, of version 2 or 1; nil where it says nothing.
  private static var controlGroupLimit: Int? {
    for path in [
      "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ] {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8),
        let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), limit > 0
      else { continue }
      return limit
    }
    return nil
  }

  /// What whoever started the process allows for one piece of memory, and how to allow more.
  private static let allowance = Mutex((byteCount: Int.max, remedy: Wording("")))

  /// The largest piece of memory that may be taken: `Int.max` where nobody set a limit.
  public static var allowed: Int { allowance.withLock { $0.byteCount } }

  /// Whether somebody set a limit.
  public static var isLimited: Bool { allowed < .max }

  /// Sets a limit for every piece that is taken from here on.
  ///
  /// - Parameter remedy: how to raise it, for the error of what needs more.
  public static func limit(to byteCount: Int, remedy: Wording) {
    allowance.withLock { $0 = (max(0, byteCount), remedy) }
  }

  /// Pieces below this size are simply taken.
  private static let smallByteCount = 16 << 20

  /// Checks, before a large piece of memory is taken, that it can be had: whoever takes it otherwise
  /// ends the process where it cannot.
  ///
  /// - Throws: `Diagnostic` of code `failed`, without a location, with both sizes; also where a limit was set
  ///   and it is larger.
  /// - Complexity: O(1); a page table is made and given up again.
  public static func check(_ count: Int) throws {
    let limit = allowance.withLock { $0 }
    guard count <= limit.byteCount else {
      throw refusal(count, allowed: limit.byteCount, remedy: limit.remedy)
    }
    guard count >= smallByteCount else { return }
    guard count <= byteCount else { throw refusal(count, allowed: byteCount, remedy: nil) }
    let room = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let room, room != MAP_FAILED else {
      throw Diagnostic(
        .failed, "needs \(ByteCount.rough(count)), and the system does not give as much",
        remedy: "end other programs, or raise the limit on memory (ulimit -v)")
    }
    munmap(room, count)
  }

  /// The error of whoever needs more memory than is allowed.
  public static func refusal(
    _ count: Int, allowed: Int, remedy: Wording? = "allow it more memory"
  ) -> Diagnostic {
    Diagnostic(
      .failed,
      "needs \(ByteCount.rough(count)), \(ByteCount.rough(allowed)) are allowed", remedy: remedy)
  }
}
