// The module Merging; see the folders beside this file.
