/** Numbers of WDS option 250: actions and prompts of the Windows SDK (wdsbp.h), the other sub-options as captures show. */
export const wdsOption = 250
export const wdsSub = {
  architecture: 1,
  nextAction: 2,
  pollInterval: 3,
  pollRetryCount: 4,
  requestId: 5,
  message: 6,
  referralServer: 9,
  prompt: 11,
  promptDone: 12,
  version: 13,
  actionDone: 14,
} as const
export const wdsActions = { approval: 1, referral: 3, abort: 5 } as const
export const wdsPrompts = { optIn: 1, noPrompt: 2, optOut: 3 } as const
