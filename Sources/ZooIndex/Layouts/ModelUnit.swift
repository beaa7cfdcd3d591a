/// Something in a folder that is opened as a whole: a file that is a model, a folder that is one, or
/// an array whose rows are models.
struct ModelUnit: Sendable {
  /// How models lie in folders.
  enum Layout: String, Sendable {
    /// One file a model.
    case file
    /// A folder a model: shards, or a file beside its configuration.
    case folder
    /// The cache of Hugging Face's libraries.
    case cache
    /// A trial of Ray Tune: parameters and results beside numbered checkpoints.
    case trial
    /// One array, a row a model, with a table that says which columns are which tensor.
    case packed
    /// An archive, whose members are units of their own.
    case archive
  }

  /// What names the unit: an absolute path.
  var path: String
  /// How its models lie there.
  var layout: Layout
  /// The model's name; of a packed array the array's.
  var name: String
  /// The path that the name is the end of: of the folder that is the model, or of the file without its
  /// ending. Of several models of one name it tells which is which.
  var place = ""
  /// The number of the checkpoint, in a trial.
  var epoch: Int?
  /// The name of the checkpoint's folder, in a trial.
  var checkpoint: String?
  /// Documents that hold labels, by their role.
  var documents: [Document] = []
  /// What was found in the folder, of all files that belong to the unit.
  var stamp: String = ""
  /// The size of the weights, in bytes.
  var byteCount = 0
  /// Labels that its path tells.
  var pathLabels: [Label] = []
  /// Whether the index knows it but for the hashes of its tensors.
  var lacksHashes = false

  /// A document with labels.
  struct Document: Sendable, Hashable {
    /// What it holds.
    enum Role: String, Sendable {
      /// A flat object of parameters: `params.json`, `config.json`.
      case parameters
      /// An object a line, each the results of an epoch: `result.json`; or a table: `progress.csv`.
      case results
      /// What PEFT writes beside an adapter: `adapter_config.json`.
      case adapter
      /// What a trainer has seen by then: `trainer_state.json`.
      case training
      /// A table that says which columns of an array are which tensor.
      case columns
      /// A table, a row a model.
      case table
    }
    var role: Role
    var path: String
  }
}
