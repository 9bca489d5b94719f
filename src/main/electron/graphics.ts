/** Hardware acceleration that fails must not keep the application from starting. */
import { say, type Phrase } from '#messages/message.ts'
import type { KeptShell } from '#shared/contract/shell.ts'

/** So many crashes of the graphics process since the last clean run, and hardware acceleration is turned off. */
const mostCrashes = 2

export interface GraphicsChoice {
  readonly isAccelerated: boolean
  readonly reason: Phrase
}

/** How this run draws: by the switch of the command line, then by the setting. */
export function chooseGraphics(kept: Pick<KeptShell, 'preferences'>, hasSwitch: boolean): GraphicsChoice {
  if (hasSwitch) return { isAccelerated: false, reason: say('desktop.switch-given') }
  if (!kept.preferences.hardwareAcceleration) return { isAccelerated: false, reason: say('desktop.off-in-settings') }
  return { isAccelerated: true, reason: '' }
}

/** What is kept after the graphics process crashed: the crash that is one too many turns the setting off. */
export function afterCrash(kept: KeptShell): KeptShell {
  const graphicsCrashes = kept.graphicsCrashes + 1
  if (graphicsCrashes < mostCrashes) return { ...kept, graphicsCrashes }
  return { ...kept, graphicsCrashes: 0, preferences: { ...kept.preferences, hardwareAcceleration: false } }
}
