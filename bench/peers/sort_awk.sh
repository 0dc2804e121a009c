#!/bin/sh
# Relates views of integer ids with sort and awk: `sort_awk.sh VIEWS OUT`. Every pair of every path is written, sorted and counted.
set -eu
export LC_ALL=C
sort="sort -S 1G --parallel=$(nproc)"
$sort -u "$1" |
  awk -F '\t' '$1 != path { path = $1; n = 0 } { for (i = 0; i < n; i++) print seen[i] "\t" $2 "\n" $2 "\t" seen[i]; seen[n++] = $2 }' |
  $sort -t "$(printf '\t')" -k1,1n -k2,2n |
  awk '$0 != pair { if (NR > 1) print pair "\t" weight; pair = $0; weight = 0 } { weight++ } END { if (NR > 0) print pair "\t" weight }' >"$2"
