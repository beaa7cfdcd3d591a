/// What values hold, by names: dictionaries, lists, and objects of classes that are not known, whose
/// attributes are a dictionary like any other.
extension PickleMachine {
  package typealias Member = (key: String, value: PickleReference)

  /// Of a module: its own parameters, its buffers, and the modules in it, by the names that
  /// `state_dict()` gives them. Of a dictionary its members whose keys are texts or numbers, of a list
  /// its elements by their numbers, of another object its attributes and what was put into it.
  ///
  /// - Complexity: O(members).
  package func members(of reference: PickleReference) -> [Member] {
    switch self[reference] {
    case .dictionary(let dictionary): members(ofDictionary: dictionary)
    case .list, .tuple:
      (elements(of: reference) ?? []).enumerated().map { (String($0), $1) }
    case .object(let object):
      moduleMembers(of: objects[object])
        ?? attributes(of: objects[object])
        + (objects[object].members.map(members(ofDictionary:)) ?? [])
        + (objects[object].elements.map { lists[$0] } ?? []).enumerated().map { (String($0), $1) }
    default: []
    }
  }

  /// Whether a value is a module of PyTorch's.
  package func isModule(_ reference: PickleReference) -> Bool {
    guard case .object(let object) = self[reference] else { return false }
    return moduleParts(of: objects[object]) != nil
  }

  /// The class of the first module that the pickle makes; nil where it makes none.
  package var firstModuleName: String? {
    objects.first { moduleParts(of: $0) != nil }?.maker
  }

  /// Whether a value is an optimiser, or the state of one.
  package func isOptimizer(_ reference: PickleReference) -> Bool {
    var names: Set<String> = []
    switch self[reference] {
    case .dictionary(let dictionary):
      names = Set(dictionaries[dictionary].lazy.compactMap { text($0.key) })
    case .object(let object):
      let maker = objects[object].maker
      if maker.hasPrefix("torch.optim.") || maker.hasPrefix("torch.cuda.amp.") { return true }
      names = Set(attributes(of: objects[object]).map(\.key))
    default: return false
    }
    return names.contains("param_groups") && names.contains("state")
  }

  /// The members of a dictionary whose keys are texts or numbers.
  private func members(ofDictionary dictionary: Int) -> [Member] {
    dictionaries[dictionary].compactMap { member in
      text(member.key).map { ($0, member.value) }
    }
  }

  /// The attributes of an object: what it was given as its state; of a tuple, the dictionary for
  /// attributes and that for slots.
  package func attributes(of object: PickleObject) -> [Member] {
    // A module that was traced as a graph is made from the dictionary of its attributes.
    let state =
      object.state
      ?? (object.maker.hasPrefix("torch.fx.") ? object.arguments.first : nil)
    guard let state else { return [] }
    switch self[state] {
    case .dictionary(let dictionary): return members(ofDictionary: dictionary)
    case .tuple(let parts) where parts.count == 2:
      return parts.flatMap { part -> [Member] in
        if case .dictionary(let dictionary) = self[part] {
          members(ofDictionary: dictionary)
        } else {
          []
        }
      }
    default: return []
    }
  }

  private struct ModuleParts {
    var parameters: [Member]
    var buffers: [Member]
    var modules: [Member]
    var fleeting: Set<String>
  }

  /// The parts of a module; nil for other objects.
  private func moduleParts(of object: PickleObject) -> ModuleParts? {
    var found: [String: PickleReference] = [:]
    for member in attributes(of: object) where member.key.hasPrefix("_") {
      found[member.key] = member.value
    }
    guard let parameters = found["_parameters"].flatMap(dictionaryMembers),
      let modules = found["_modules"].flatMap(dictionaryMembers)
    else { return nil }
    // Buffers that the module does not save, which only whole modules hold.
    let fleeting = found["_non_persistent_buffers_set"].flatMap(elements(of:)) ?? []
    return ModuleParts(
      parameters: parameters, buffers: found["_buffers"].flatMap(dictionaryMembers) ?? [],
      modules: modules, fleeting: Set(fleeting.compactMap(text)))
  }

  /// The members of a dictionary or of an object that is one.
  private func dictionaryMembers(_ reference: PickleReference) -> [Member]? {
    switch self[reference] {
    case .dictionary(let dictionary): members(ofDictionary: dictionary)
    case .object(let object): objects[object].members.map(members(ofDictionary:))
    default: nil
    }
  }

  private func moduleMembers(of object: PickleObject) -> [Member]? {
    guard let parts = moduleParts(of: object) else { return nil }
    return parts.parameters + parts.buffers.filter { !parts.fleeting.contains($0.key) }
      + parts.modules
  }
}
