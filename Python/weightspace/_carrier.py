"""The program's evaluator: carries lines between it and the process that has the callable."""

import socket
import sys

if __name__ == "__main__":
    line = socket.socket(socket.AF_UNIX)
    line.connect(sys.argv[1])
    stream = line.makefile("rwb")
    for question in sys.stdin.buffer:
        stream.write(question)
        stream.flush()
        answer = stream.readline()
        if not answer:
            sys.exit(1)
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()
