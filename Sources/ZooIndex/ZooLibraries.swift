import GRDB

/// The library that this module stands on, for reports about an installation.
public enum ZooLibraries {
  /// The version of SQLite.
  public static var sqliteVersion: String {
    let version = try? DatabaseQueue().read { database in
      try String.fetchOne(database, sql: "SELECT sqlite_version()")
    }
    return version ?? "unknown"
  }
}
