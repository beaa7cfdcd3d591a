import GRDB

/// The tables of an index, and how older ones become newer ones.
///
/// One row a model and one a tensor with typed columns; labels are columns of `labels`, made when
/// they are first met. Names of tensors are stored once. Results of metrics have a table each, made
/// by the first scan.
enum IndexSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { try $0.execute(sql: first) }
    migrator.registerMigration("2") { try $0.execute(sql: readAgain) }
    migrator.registerMigration("unread") { try $0.execute(sql: unread) }
    migrator.registerMigration("names") { try $0.execute(sql: names) }
    migrator.registerMigration("heads") { try $0.execute(sql: heads) }
    return migrator
  }

  /// Earlier indexes have negated views of PyTorch with the wrong sign, and results of trials by the
  /// place of their lines: what may be concerned is read again.
  private static let readAgain = """
    UPDATE units SET is_complete = 0 WHERE layout = 'trial'
      OR id IN (SELECT unit FROM models WHERE format = 'pytorch');
    """

  /// What is not read as numbers. Contents that were hashed without it are hashed again.
  private static let unread = """
    CREATE TABLE unread(
      id INTEGER PRIMARY KEY, model INTEGER NOT NULL REFERENCES models ON DELETE CASCADE,
      position INTEGER NOT NULL, name TEXT NOT NULL, reason TEXT NOT NULL, dtype TEXT, shape TEXT,
      bytes INTEGER, content_shape TEXT, hash BLOB, storage BLOB);
    CREATE INDEX unread_model ON unread(model, position);
    UPDATE units SET is_complete = 0 WHERE id IN (SELECT unit FROM models WHERE skipped > 0);
    """

  /// A model's name is its own; what it is called by its file or folder stands beside it. See
  /// `ModelNames`, which fills in what is missing here.
  private static let names = """
    ALTER TABLE models ADD COLUMN claimed TEXT;
    ALTER TABLE models ADD COLUMN place TEXT;
    ALTER TABLE models ADD COLUMN sequence TEXT;
    UPDATE models SET claimed = name;
    DROP INDEX models_name;
    CREATE INDEX models_claimed ON models(claimed);
    """

  /// What a file says beside its tensors (`HeadCode`), and long texts, which many files share.
  private static let heads = """
    ALTER TABLE models ADD COLUMN head BLOB;
    ALTER TABLE models ADD COLUMN head_texts TEXT;
    CREATE TABLE texts(id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, content TEXT NOT NULL);
    """

  private static let first = """
    CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    INSERT INTO settings VALUES('identity', lower(hex(randomblob(16))));
    CREATE TABLE units(
      id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, layout TEXT NOT NULL,
      stamp TEXT NOT NULL, modified INTEGER NOT NULL, is_complete INTEGER NOT NULL,
      is_hashed INTEGER NOT NULL);
    CREATE TABLE failures(
      unit INTEGER PRIMARY KEY REFERENCES units ON DELETE CASCADE, reason TEXT NOT NULL,
      code INTEGER NOT NULL);
    CREATE TABLE models(
      id INTEGER PRIMARY KEY, unit INTEGER NOT NULL REFERENCES units ON DELETE CASCADE,
      member TEXT NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, format TEXT NOT NULL,
      producer TEXT, parameters INTEGER NOT NULL, tensors INTEGER NOT NULL,
      bytes INTEGER NOT NULL, size INTEGER NOT NULL, dtype TEXT NOT NULL, fingerprint TEXT,
      architecture TEXT, structure TEXT NOT NULL, content BLOB, parent TEXT, parent_id INTEGER,
      parent_sha256 TEXT, sha256 TEXT, skipped INTEGER NOT NULL, parts TEXT NOT NULL,
      is_addressable INTEGER NOT NULL, UNIQUE(unit, member));
    CREATE INDEX models_name ON models(name);
    CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE tensors(
      id INTEGER PRIMARY KEY, model INTEGER NOT NULL REFERENCES models ON DELETE CASCADE,
      position INTEGER NOT NULL, name INTEGER NOT NULL REFERENCES names, shape TEXT NOT NULL,
      dtype TEXT NOT NULL, elements INTEGER NOT NULL, bytes INTEGER NOT NULL,
      stored INTEGER NOT NULL, offset INTEGER, hash BLOB, storage BLOB NOT NULL);
    CREATE INDEX tensors_model ON tensors(model, position);
    CREATE INDEX tensors_hash ON tensors(hash) WHERE hash IS NOT NULL;
    CREATE TABLE labels(model INTEGER PRIMARY KEY REFERENCES models ON DELETE CASCADE);
    CREATE TABLE label_columns(
      name TEXT PRIMARY KEY COLLATE NOCASE, label TEXT NOT NULL, type TEXT,
      origins TEXT NOT NULL) WITHOUT ROWID;
    """ + ResultTables.sql
}
