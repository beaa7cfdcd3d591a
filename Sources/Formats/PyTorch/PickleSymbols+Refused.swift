/// The names that run things: programs, code, other pickles. A file that asks for one of them is
/// refused, although it is never called here: who loads it elsewhere should know.
///
/// The lists follow those of the scanners that model hubs use (picklescan, fickling, modelscan).
extension PickleSymbols {
  /// Modules of which everything is refused, and what lies below them.
  private static let packages: Set<String> = [
    "asyncio", "distutils", "ensurepip", "http", "idlelib", "importlib", "lib2to3",
    "multiprocessing", "pip", "pydoc_data", "setuptools", "torch.hub", "torch.package",
    "torch.utils.cpp_extension", "torch.utils.bottleneck", "torch.utils.collect_env",
    "torch._inductor", "torch.distributed.rpc", "numpy.distutils", "numpy.f2py", "numpy.testing",
    "urllib", "xmlrpc", "aiohttp", "requests", "httpx", "httplib", "venv",
  ]
  /// Modules of which everything is refused.
  private static let modules: Set<String> = [
    "os", "nt", "posix", "posixpath", "ntpath", "subprocess", "_posixsubprocess", "sys", "runpy",
    "socket", "ssl", "pty", "ctypes", "_ctypes", "shutil", "commands", "popen2", "code", "codeop",
    "pdb", "bdb", "timeit", "trace", "cProfile", "profile", "webbrowser", "pickle", "_pickle",
    "cPickle", "marshal", "shelve", "imp", "_imp", "zipimport", "pkgutil", "pydoc", "doctest",
    "ftplib", "smtplib", "telnetlib", "imaplib", "poplib", "nntplib", "tempfile", "fileinput",
    "linecache", "signal", "platform", "_osx_support", "_aix_support", "torch.serialization",
    "torch.storage", "torch._C._distributed_rpc", "logging.config", "site", "sched", "gc",
    "inspect", "dis",
  ]
  /// Functions of Python itself that run something, or open the way to it.
  private static let builtins: Set<String> = [
    "eval", "exec", "execfile", "compile", "open", "file", "input", "raw_input", "__import__",
    "breakpoint", "globals", "locals", "vars", "dir", "setattr", "delattr", "apply", "reload",
    "exit", "quit", "help", "memoryview", "__build_class__",
  ]
  /// Names that run something wherever they are, and ways from a class to everything else.
  private static let anywhere: Set<String> = [
    "system", "popen", "Popen", "exec", "eval", "execfile", "check_output", "check_call",
    "getoutput", "getstatusoutput", "import_module", "__import__", "run_path", "run_module",
    "runstring", "load", "loads", "read_pickle", "_load_from_bytes", "os", "sys", "subprocess",
    "builtins", "__builtins__", "__builtin__", "__globals__", "__subclasses__", "__bases__",
    "__mro__", "__class__", "__dict__", "__code__", "__getattribute__", "__reduce__",
    "__reduce_ex__", "__loader__", "__spec__", "f_globals", "f_builtins", "gi_frame",
    "execv", "execve", "execl", "spawnv", "spawnl", "startfile",
  ]

  /// Whether a name is one of those that run things.
  package static func runsThings(module: String, member: String) -> Bool {
    if modules.contains(module) { return true }
    var place = module[...]
    while true {
      if packages.contains(String(place)) { return true }
      guard let dot = place.lastIndex(of: ".") else { break }
      place = place[..<dot]
    }
    if ["builtins", "__builtin__"].contains(module), builtins.contains(member) { return true }
    return runsThings(member: member)
  }

  /// Whether a member of whatever runs things by its name, or leads out of it.
  package static func runsThings(member: String) -> Bool {
    member.split(separator: ".", omittingEmptySubsequences: false).contains {
      anywhere.contains(String($0))
    }
  }
}
