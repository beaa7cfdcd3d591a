import Glibc

// The file is the standard input (the standard output when it is to be patched), open already: the
// worker needs no path and no rights.
let request = Array(CommandLine.arguments.dropFirst())
exit(request == ["serve"] ? Server.run() : Worker.run(request))
