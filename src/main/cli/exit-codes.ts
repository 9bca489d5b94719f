/** What the command line ends with; documented in the README and tested. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  /** What was read does not tell whether a boot failed. */
  undetermined: 3,
  badLabFile: 2,
  badFile: 2,
  unknown: 2,
  portProblem: 3,
  otherServer: 4,
  usage: 64,
} as const
