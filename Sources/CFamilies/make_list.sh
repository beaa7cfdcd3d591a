#!/bin/sh
# Writes families.c anew: every file of families/, in the order of their names.
cd "$(dirname "$0")" || exit 1
{
  echo '// Written by make_list.sh: the files of families/, as they are.'
  echo '#include "families.h"'
  echo
  echo '#pragma clang diagnostic ignored "-Wc23-extensions"'
  for file in families/*.yaml; do
    name=$(basename "$file" .yaml | tr -c 'a-z0-9\n' '_')
    printf '\nstatic const unsigned char family_%s[] = {\n#embed "%s"\n};\n' "$name" "$file"
  done
  printf '\nstatic const struct wsl_family_text texts[] = {\n'
  for file in families/*.yaml; do
    name=$(basename "$file" .yaml | tr -c 'a-z0-9\n' '_')
    printf '    {"%s", family_%s, sizeof family_%s},\n' "$(basename "$file")" "$name" "$name"
  done
  printf '};\n\nint wsl_family_count(void) { return sizeof texts / sizeof texts[0]; }\n'
  printf '\nstruct wsl_family_text wsl_family(int index) { return texts[index]; }\n'
} > families.c
