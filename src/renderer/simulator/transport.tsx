import { t, textOf } from '#messages/text.ts'
import { ActionIcon, Select, Slider, Text, Tooltip } from '@mantine/core'
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
  IconStepInto,
} from '@tabler/icons-react'
import type { ReactElement } from 'react'
import type { Step } from '#shared/simulation/story.ts'
import { nextStage, speeds, type Playback } from './playback.ts'

interface TransportProps {
  readonly playback: Playback
  readonly steps: readonly Step[]
  readonly clients: readonly string[]
  /** What people call them. */
  readonly names: Readonly<Record<string, string>>
  readonly client: string | undefined
  readonly onClient: (client: string | undefined) => void
}

const everybody = t('simulator.everybody')

/** Play, step, scrub: the whole story is there already, so it goes back and forth at once. */
export function Transport({ playback, steps, clients, names, client, onClient }: TransportProps): ReactElement {
  const { index, isPlaying } = playback
  const step = steps[index]
  const button = (label: string, Icon: typeof IconPlayerPlay, act: () => void): ReactElement => (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={act}>
        <Icon size={18} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  )
  return (
    <div className="transport" role="group" aria-label={t('simulator.playback')}>
      {button(t('simulator.start-home'), IconPlayerSkipBack, () => playback.to(0))}
      {button(t('simulator.back-one-packet-left'), IconPlayerTrackPrev, () => playback.to(index - 1))}
      <Tooltip label={isPlaying ? t('simulator.pause-space') : t('simulator.play-space')}>
        <ActionIcon
          aria-label={isPlaying ? t('simulator.pause') : t('simulator.play-boot-now')}
          size="lg"
          radius="xl"
          onClick={playback.toggle}
        >
          {isPlaying ? <IconPlayerPause size={18} /> : <IconPlayerPlay size={18} />}
        </ActionIcon>
      </Tooltip>
      {button(t('simulator.next-packet-right'), IconPlayerTrackNext, () => playback.to(index + 1))}
      {button(t('simulator.next-stage-s'), IconStepInto, () => playback.to(nextStage(steps, index)))}
      {button(t('simulator.end-end'), IconPlayerSkipForward, () => playback.to(steps.length - 1))}
      <Slider
        className="transport-slider"
        aria-label={t('simulator.step')}
        thumbLabel={t('simulator.step')}
        min={0}
        max={Math.max(1, steps.length - 1)}
        value={Math.max(0, index)}
        label={(value) => `${value + 1}: ${textOf(steps[value]?.label) ?? ''}`}
        onChange={(value) => playback.to(value)}
        size="sm"
      />
      <Text size="xs" c="dimmed" className="transport-time">
        {t('simulator.step-at', {
          step: index + 1,
          steps: steps.length,
          seconds: (step?.until ?? 0) / 1000,
        })}
      </Text>
      <Select
        aria-label={t('simulator.speed')}
        size="xs"
        className="transport-speed"
        allowDeselect={false}
        data={speeds.map((speed) => ({
          value: speed,
          label: speed === 'max' ? t('simulator.speed-max') : `${speed}×`,
        }))}
        value={playback.speed}
        onChange={(value) => value && playback.setSpeed(value)}
      />
      {clients.length > 1 && (
        <Select
          aria-label={t('simulator.machine')}
          size="xs"
          className="transport-machine"
          allowDeselect={false}
          data={[everybody, ...clients.map((one) => ({ value: one, label: names[one] ?? one }))]}
          value={client ?? everybody}
          onChange={(value) => onClient(value === everybody || value === null ? undefined : value)}
        />
      )}
    </div>
  )
}
