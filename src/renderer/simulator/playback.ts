/** Playing a finished story: which step, how far its packet is, and the keys for it. */
import { inEnglish } from '#messages/text.ts'
import { useEffect, useRef, useState } from 'react'
import type { Step } from '#shared/simulation/story.ts'
import { isTyping } from '../parts/typing.ts'

export const speeds = ['0.1', '0.5', '1', '2', '5', 'max'] as const
export type Speed = (typeof speeds)[number]

/** How long a packet travels on the screen at speed 1, and how long a wait lasts at most, in milliseconds. */
const travelMs = 700
const longestWaitMs = 900
/** A second of waiting in the story takes this long on the screen. */
const waitMsPerSecond = 120

export interface Playback {
  /** Position in the steps, from 0; -1 before the first. */
  readonly index: number
  readonly travelled: number
  readonly isPlaying: boolean
  readonly speed: Speed
  toggle(): void
  setSpeed(speed: Speed): void
  /** Goes to a step, and stops there. */
  to(index: number): void
}

/** Steps of one kind belong to one stage: asking, offering, taking, confirming, loading. */
const stageOf = (step: Step): string =>
  step.kind === 'end' ? `end ${step.client}` : `${step.tone} ${inEnglish(step.label).split(/[ ,]/)[0]}`

export function nextStage(steps: readonly Step[], index: number): number {
  const here = steps[index]
  const next = steps.findIndex((step, at) => at > index && (!here || stageOf(step) !== stageOf(here)))
  return next < 0 ? steps.length - 1 : next
}

export function usePlayback(steps: readonly Step[], start: number, onStop: (index: number) => void): Playback {
  const [position, setPosition] = useState({ index: start, travelled: 1 })
  const [isPlaying, setPlaying] = useState(false)
  const [speed, setSpeed] = useState<Speed>('1')
  const latest = useRef(position)
  const stop = useRef(onStop)
  useEffect(() => {
    latest.current = position
    stop.current = onStop
  })
  useEffect(() => setPosition({ index: Math.min(start, steps.length - 1), travelled: 1 }), [steps, start])
  useEffect(() => {
    if (!isPlaying) return
    let frame = 0
    let before = performance.now()
    /** What is left of the wait before the next step, on the screen. */
    let wait = 0
    const tick = (now: number): void => {
      const passed = speed === 'max' ? Infinity : (now - before) * Number(speed)
      before = now
      let { index, travelled } = latest.current
      if (passed === Infinity) {
        index = Math.min(index + 1, steps.length - 1)
        travelled = 1
      } else if (travelled < 1) travelled = Math.min(1, travelled + passed / travelMs)
      else if (wait > 0) wait -= passed
      else if (index < steps.length - 1) {
        index++
        travelled = 0
        const following = steps[index + 1]
        const gap = following ? following.at - steps[index]!.until : 0
        wait = Math.min(longestWaitMs, (gap / 1000) * waitMsPerSecond)
      }
      latest.current = { index, travelled }
      setPosition(latest.current)
      if (index >= steps.length - 1 && travelled >= 1) {
        setPlaying(false)
        stop.current(index)
        return
      }
      frame = requestAnimationFrame(tick)
    }
    frame = requestAnimationFrame(tick)
    return () => cancelAnimationFrame(frame)
  }, [isPlaying, speed, steps])
  return {
    ...position,
    isPlaying,
    speed,
    setSpeed,
    toggle: () => {
      if (isPlaying) {
        setPlaying(false)
        onStop(latest.current.index)
        return
      }
      // At the end it begins anew.
      if (latest.current.index >= steps.length - 1) setPosition((latest.current = { index: 0, travelled: 0 }))
      setPlaying(true)
    },
    to: (index) => {
      setPlaying(false)
      const next = Math.max(0, Math.min(index, steps.length - 1))
      setPosition({ index: next, travelled: 1 })
      onStop(next)
    },
  }
}

/** Space plays, arrows step (a clicker sends page keys), `s` goes to the next stage. */
export function usePlaybackKeys(
  playback: Playback,
  steps: readonly Step[],
  isReady: boolean,
  onEscape?: () => void,
  /** Another window whose keys count as well. */
  beside?: Window,
): void {
  const latest = useRef({ playback, steps, isReady, onEscape })
  useEffect(() => {
    latest.current = { playback, steps, isReady, onEscape }
  })
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
      const { playback: now, steps: list, isReady: mayStep, onEscape: leave } = latest.current
      // While a changed scenario runs, its steps are not there yet.
      if (!mayStep) return
      const actions: Readonly<Record<string, (() => void) | undefined>> = {
        ' ': () => now.toggle(),
        ArrowRight: () => now.to(now.index + 1),
        PageDown: () => now.to(now.index + 1),
        ArrowLeft: () => now.to(now.index - 1),
        PageUp: () => now.to(now.index - 1),
        Home: () => now.to(0),
        End: () => now.to(list.length - 1),
        s: () => now.to(nextStage(list, now.index)),
        Escape: leave,
      }
      const action = actions[event.key]
      // An element of the other window is none of this one's classes.
      const target = event.target as Element | null
      const isSlider =
        target !== null && 'closest' in target && target.closest('[role="slider"], [role="tab"], [role="radio"]')
      if (!action || (isSlider && event.key.startsWith('Arrow'))) return
      if (event.key === ' ' && target?.tagName === 'BUTTON') return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', press)
    beside?.addEventListener('keydown', press)
    return () => {
      window.removeEventListener('keydown', press)
      beside?.removeEventListener('keydown', press)
    }
  }, [beside])
}
