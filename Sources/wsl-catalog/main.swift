import Glibc

// The file is the standard input (the standard output when it is to be patched), open already: the
// worker needs no path and no rights.
exit(Worker.run(Array(CommandLine.arguments.dropFirst())))
