// The scans of the assignment solver, for the scalar type that the including file defines.
// Branch-free: a lane keeps its own smallest value and where it was, and the lanes meet at the end.
// The pointers are read 16 or 8 elements at a time from any address; the element type is the only
// alignment asked for.

WSL_CLONES
RESULT NAME(wsl_relax)(
  const float *row, const SCALAR *potentials, SCALAR *distances, int32_t *predecessors,
  SCALAR offset, int32_t index, int32_t count) {
  VALUES smallest = (VALUES){0} + (SCALAR)INFINITY;
  INDEX column = {0}, lane = LANES;
  int32_t at = 0;
  for (; at + LANE_COUNT <= count; at += LANE_COUNT) {
    VALUES length = __builtin_convertvector(*(const COSTS *)(row + at), VALUES);
    length = length - *(const VALUES *)(potentials + at) - offset;
    VALUES distance = *(const VALUES *)(distances + at);
    MASK shorter = length < distance;
    distance = shorter ? length : distance;
    *(VALUES *)(distances + at) = distance;
    INDEX predecessor = *(const INDEX *)(predecessors + at);
    INDEX isShorter = __builtin_convertvector(shorter, INDEX);
    *(INDEX *)(predecessors + at) = isShorter ? (INDEX){0} + index : predecessor;
    MASK less = distance < smallest;
    smallest = less ? distance : smallest;
    column = __builtin_convertvector(less, INDEX) ? lane : column;
    lane += LANE_COUNT;
  }
  RESULT result;
  result.smallest = __builtin_reduce_min(smallest);
  result.second = result.smallest;
  MASK isLeast = smallest == result.smallest;
  INDEX candidates =
    __builtin_convertvector(isLeast, INDEX) ? column : (INDEX){0} + INT32_MAX;
  result.column = __builtin_reduce_min(candidates);
  for (; at < count; at++) {
    SCALAR length = (SCALAR)row[at] - potentials[at] - offset;
    if (length < distances[at]) {
      distances[at] = length;
      predecessors[at] = index;
    }
    if (distances[at] < result.smallest) {
      result.smallest = distances[at];
      result.column = at;
    }
  }
  return result;
}

WSL_CLONES
RESULT NAME(wsl_two_smallest)(const float *row, const SCALAR *potentials, int32_t count) {
  VALUES smallest = (VALUES){0} + (SCALAR)INFINITY, second = smallest;
  INDEX column = {0}, lane = LANES;
  int32_t at = 0;
  for (; at + LANE_COUNT <= count; at += LANE_COUNT) {
    VALUES value = __builtin_convertvector(*(const COSTS *)(row + at), VALUES);
    value -= *(const VALUES *)(potentials + at);
    MASK less = value < smallest;
    VALUES larger = less ? smallest : value;
    smallest = less ? value : smallest;
    column = __builtin_convertvector(less, INDEX) ? lane : column;
    MASK lessThanSecond = larger < second;
    second = lessThanSecond ? larger : second;
    lane += LANE_COUNT;
  }
  RESULT result;
  result.smallest = __builtin_reduce_min(smallest);
  MASK isLeast = smallest == result.smallest;
  INDEX candidates =
    __builtin_convertvector(isLeast, INDEX) ? column : (INDEX){0} + INT32_MAX;
  result.column = __builtin_reduce_min(candidates);
  // The winning lane offers its second, every other lane its first.
  MASK wins = __builtin_convertvector(candidates == result.column, MASK) & isLeast;
  VALUES rest = wins ? second : smallest;
  result.second = __builtin_reduce_min(rest);
  for (; at < count; at++) {
    SCALAR value = (SCALAR)row[at] - potentials[at];
    if (value < result.smallest) {
      result.second = result.smallest;
      result.smallest = value;
      result.column = at;
    } else if (value < result.second) {
      result.second = value;
    }
  }
  return result;
}

WSL_CLONES
int32_t NAME(wsl_free_column)(
  const SCALAR *distances, const int32_t *rowOfColumn, SCALAR distance, int32_t count) {
  int32_t at = 0;
  for (; at + LANE_COUNT <= count; at += LANE_COUNT) {
    MASK isAtDistance = *(const VALUES *)(distances + at) == distance;
    INDEX isFree = *(const INDEX *)(rowOfColumn + at) < 0;
    if (__builtin_reduce_min(__builtin_convertvector(isAtDistance, INDEX) & isFree) < 0) break;
  }
  for (; at < count; at++) {
    if (distances[at] == distance && rowOfColumn[at] < 0) return at;
  }
  return -1;
}
