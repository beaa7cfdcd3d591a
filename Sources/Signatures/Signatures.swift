// The module Signatures; see the folders beside this file.
