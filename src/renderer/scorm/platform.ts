/**
 * A learning platform by the run-time API of SCORM 1.2 (ADL, SCORM Run-Time Environment 1.2, section 3): an object named API in a window
 * above this one, or in the window that opened it.
 */

interface Api {
  LMSInitialize(nothing: ''): string | boolean
  LMSFinish(nothing: ''): string | boolean
  LMSGetValue(element: string): string
  LMSSetValue(element: string, value: string): string | boolean
  LMSCommit(nothing: ''): string | boolean
}

/** What is told of a lesson. */
export interface Told {
  /** 0 to 100. */
  readonly percent: number
  readonly isComplete: boolean
  readonly place: string
  /** At most 4096 characters. */
  readonly state: string
  /** Milliseconds in this session. */
  readonly ms: number
}

export interface Platform {
  /** Who learns; empty where the platform does not say. */
  readonly student: string
  /** What was told as `state` before; empty at the first time. */
  readonly kept: string
  tell(told: Told): void
  /** The page goes. */
  finish(): void
}

/** Windows above this one that are looked at; ADL's own search stops at seven. */
const mostParents = 12
/** What changes within so long is committed once. */
const commitMs = 1000

function apiOf(from: Window): Api | undefined {
  let one = from
  for (let turn = 0; turn < mostParents; turn++) {
    try {
      const { API: api } = one as unknown as { readonly API?: Api }
      if (api) return api
    } catch {
      // A window of another site, which has none for us.
    }
    if (one.parent === one) return undefined
    one = one.parent
  }
  return undefined
}

function findApi(): Api | undefined {
  const above = apiOf(window)
  if (above) return above
  try {
    return window.opener ? apiOf(window.opener as Window) : undefined
  } catch {
    return undefined
  }
}

/** CMITimespan: HHHH:MM:SS.SS. */
export function timespanOf(ms: number): string {
  const hundredths = Math.max(0, Math.round(ms / 10))
  const part = (value: number, digits = 2): string => String(value).padStart(digits, '0')
  const seconds = Math.floor(hundredths / 100)
  const hours = Math.min(9999, Math.floor(seconds / 3600))
  return `${part(hours, 4)}:${part(Math.floor(seconds / 60) % 60)}:${part(seconds % 60)}.${part(hundredths % 100)}`
}

/** What a platform that throws, as one whose session has ended, does not answer. */
function asked<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    console.warn('The learning platform does not answer', error)
    return undefined
  }
}

/** Undefined where no platform is there, or it lets nobody in. */
export function findPlatform(): Platform | undefined {
  const api = findApi()
  if (!api || String(asked(() => api.LMSInitialize(''))) !== 'true') return undefined
  // Some have null or nothing for what is not kept yet.
  const get = (element: string): string => (asked(() => api.LMSGetValue(element)) as string | null | undefined) ?? ''
  let timer: number | undefined
  let isComplete = get('cmi.core.lesson_status') === 'completed'
  let isFinished = false
  const set = (element: string, value: string): void => void asked(() => api.LMSSetValue(element, value))
  const commit = (): void => {
    window.clearTimeout(timer)
    timer = undefined
    asked(() => api.LMSCommit(''))
  }
  set('cmi.core.score.min', '0')
  set('cmi.core.score.max', '100')
  return {
    student: get('cmi.core.student_id'),
    kept: get('cmi.suspend_data'),
    tell(told) {
      if (isFinished) return
      isComplete ||= told.isComplete
      set('cmi.core.score.raw', String(told.percent))
      set('cmi.core.lesson_status', isComplete ? 'completed' : 'incomplete')
      // Limits of the data model: 255 and 4096 characters.
      set('cmi.core.lesson_location', told.place.slice(0, 255))
      set('cmi.suspend_data', told.state)
      set('cmi.core.session_time', timespanOf(told.ms))
      // Whoever comes again goes on, or sees the result.
      set('cmi.core.exit', 'suspend')
      timer ??= window.setTimeout(commit, commitMs)
    },
    finish() {
      if (isFinished) return
      isFinished = true
      commit()
      asked(() => api.LMSFinish(''))
    },
  }
}
