/* Debian keeps the serial build in a folder of its own; its headers include each other from there. */
#include <hdf5/serial/hdf5.h>
