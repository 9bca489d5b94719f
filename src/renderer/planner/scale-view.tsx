/** How a boot storm is served in time: what `pxe-lab scale` tells, with a picture of what was tried. */
import { say } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Alert, Button, Checkbox, Group, NumberInput, Select, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import type { ScaleGoal, ScalePlan, ScaleTrial } from '#shared/diagnosis/scale.ts'
import { adviceText, calculatedText, machinesText, oneServerText, optionText, secondsText, settingsSay, simulatedText, trialLines } from '#shared/knowledge/scale-text.ts' // prettier-ignore
import { Mark } from '../doctor/mark.tsx'
import { marks } from './marks.ts'
import { cancelStorm, planStorm, useScale } from './use-scale.ts'

interface Field {
  readonly label: string
  readonly min: number
  readonly max: number
  readonly decimals?: number
  readonly read: (goal: ScaleGoal) => number | undefined
  readonly write: (value: number | undefined) => Partial<ScaleGoal>
  readonly placeholder?: string
}

const mebi = 1 << 20
const simple: readonly Field[] = [
  {
    label: textOf(say('planner-page.machines')),
    min: 1,
    max: 100_000,
    read: ({ machines }) => machines,
    write: (machines = 1) => ({ machines }),
  },
  { label: textOf(say('planner-page.done-minutes')), min: 0.1, max: 1440, decimals: 1, read: ({ minutes }) => minutes, write: (minutes = 1) => ({ minutes }) }, // prettier-ignore
  { label: textOf(say('planner-page.link-one-server-mbit-s')), min: 0.1, max: 1_000_000, decimals: 1, read: ({ bandwidthMbit }) => bandwidthMbit, write: (bandwidthMbit = 1000) => ({ bandwidthMbit }) }, // prettier-ignore
  { label: textOf(say('planner-page.boot-program-mib')), min: 0.001, max: 4095, decimals: 3, read: ({ programBytes }) => programBytes / mebi, write: (value = 1) => ({ programBytes: Math.max(1, Math.round(value * mebi)) }) }, // prettier-ignore
  { label: textOf(say('planner-page.image-after-mib')), min: 1, max: 1_048_576, placeholder: textOf(say('planner-page.none-placeholder')), read: ({ imageBytes }) => imageBytes && imageBytes / mebi, write: (value) => ({ imageBytes: value === undefined ? undefined : Math.round(value * mebi) }) }, // prettier-ignore
]
const more: readonly Field[] = [
  { label: textOf(say('planner-page.switched-within-seconds')), min: 0, max: 3600, decimals: 1, read: ({ withinSeconds }) => withinSeconds, write: (withinSeconds = 0) => ({ withinSeconds }) }, // prettier-ignore
  { label: textOf(say('planner-page.tftp-block-today-bytes')), min: 512, max: 65_464, read: ({ blockSize }) => blockSize, write: (blockSize = 1468) => ({ blockSize }) }, // prettier-ignore
  { label: textOf(say('planner-page.tftp-window-today-blocks')), min: 1, max: 65_535, read: ({ windowSize }) => windowSize, write: (windowSize = 1) => ({ windowSize }) }, // prettier-ignore
  { label: textOf(say('planner-page.latency-one-way-ms')), min: 0, max: 10_000, decimals: 3, read: ({ latencyMs }) => latencyMs, write: (latencyMs = 0) => ({ latencyMs }) }, // prettier-ignore
  { label: textOf(say('planner-page.lost-frames-percent')), min: 0, max: 50, decimals: 2, read: ({ loss }) => loss * 100, write: (value = 0) => ({ loss: value / 100 }) }, // prettier-ignore
  {
    label: textOf(say('planner-page.mtu-bytes')),
    min: 576,
    max: 9216,
    read: ({ mtu }) => mtu,
    write: (mtu = 1500) => ({ mtu }),
  },
]

/** Undefined where the field is empty and may be. */
const isIn = ({ min, max, placeholder }: Field, value: number | undefined): boolean =>
  value === undefined ? placeholder !== undefined : value >= min && value <= max

/** When everything is done, beside the time that there is; more than twice that is cut off. */
function Picture({ plan, goal }: { readonly plan: ScalePlan; readonly goal: ScaleGoal }): ReactElement {
  const endSeconds = goal.minutes * 60
  const longest = Math.max(endSeconds, ...plan.tried.map(({ totalSeconds }) => totalSeconds))
  const scale = Math.min(longest * 1.05, endSeconds * 2)
  const share = (seconds: number): string => `${Math.min(100, (seconds / scale) * 100)}%`
  return (
    <figure className="scale-picture" aria-label={t('planner-page.when-everything-done')}>
      {plan.tried.map((one, index) => (
        <Row key={index} number={index + 1} trial={one} share={share} />
      ))}
      <div className="scale-goal" style={{ left: `calc(var(--scale-head) + (100% - var(--scale-head) - var(--scale-tail)) * ${endSeconds / scale})` }}>
        <span>{t('planner-page.min', { minutes: goal.minutes })}</span>
      </div>
    </figure>
  ) // prettier-ignore
}

function Row({ number, trial, share }: { readonly number: number; readonly trial: ScaleTrial; readonly share: (seconds: number) => string }): ReactElement {
  const { storm, meetsGoal, totalSeconds, machines } = trial
  const programSeconds = storm ? Math.min(storm.lastSeconds, totalSeconds) : totalSeconds
  const lost = storm ? machines - storm.booted : 0
  return (
    <div className="scale-row">
      <span className="scale-number">{number}</span>
      <div className="scale-bars" data-meets={meetsGoal}>
        <div className="scale-bar" data-phase="program" style={{ width: share(programSeconds) }} />
        <div className="scale-bar" data-phase="image" style={{ width: `calc(${share(totalSeconds)} - ${share(programSeconds)})` }} />
      </div>
      <span className="scale-note">
        {lost > 0 ? t('planner-page.one-server-booted', { machinesText: machinesText(lost) }) : secondsText(totalSeconds)}
      </span>
    </div>
  )
} // prettier-ignore

function Answer({ plan, goal }: { readonly plan: ScalePlan; readonly goal: ScaleGoal }): ReactElement {
  const { advice } = plan
  return (
    <>
      <div role="status">
        <Title order={1} mt={12} mb={4}>
          <Mark {...(advice ? marks.met : marks.violated)} />
          {adviceText(goal, plan)}
        </Title>
        {advice?.step === 'settings' && <Text size="sm">{settingsSay(advice)}</Text>}
        {(!advice || advice.servers > 1) && <Text size="sm">{oneServerText(plan)}</Text>}
      </div>
      <Picture plan={plan} goal={goal} />
      <ol className="scale-tried">
        {plan.tried.map((one, index) => (
          <li key={index}>
            <Mark {...(one.meetsGoal ? marks.met : marks.violated)} />
            {optionText(one)}
            {trialLines(one).map((line) => (
              <Text key={line} size="sm" c="dimmed">
                {line}
              </Text>
            ))}
          </li>
        ))}
      </ol>
      {plan.notTried.map((one) => (
        <Text key={one} size="sm">
          {t('planner-page.not-tried', { what: one })}
        </Text>
      ))}
      <Text size="xs" c="dimmed" mt={8}>
        {t('planner-page.simulated', { what: simulatedText })}
        {goal.imageBytes !== undefined && ` ${t('planner-page.calculated', { what: calculatedText })}`}
      </Text>
    </>
  )
}

export function ScaleView(): ReactElement {
  const { goal: last, answer, isBusy, progress, problem } = useScale()
  const [goal, setGoal] = useState(last)
  /** As it is typed; a number that is none is not put into the goal. */
  const [wrong, setWrong] = useState<ReadonlySet<string>>(new Set())
  const put = (field: Field, typed: number | string): void => {
    const value = typed === '' ? undefined : Number(typed)
    const isGood = isIn(field, value)
    setWrong(new Set(isGood ? [...wrong].filter((one) => one !== field.label) : [...wrong, field.label]))
    if (isGood) setGoal({ ...goal, ...field.write(value) })
  }
  const input = (field: Field): ReactElement => (
    <NumberInput
      key={field.label}
      size="xs"
      label={field.label}
      defaultValue={field.read(goal) ?? ''}
      decimalScale={field.decimals ?? 0}
      thousandSeparator=" "
      placeholder={field.placeholder}
      hideControls
      error={wrong.has(field.label) ? t('planner-page.write-number', { min: field.min, max: field.max }) : undefined}
      onChange={(typed) => put(field, typed)}
    />
  )
  const noTime = goal.withinSeconds >= goal.minutes * 60
  const isStale = answer !== undefined && !isBusy && JSON.stringify(answer.goal) !== JSON.stringify(goal)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (wrong.size === 0 && !noTime && !isBusy) void planStorm(goal)
      }}
    >
      <Text size="sm" maw={640} mb={8}>
        {t('planner-page.how-many-servers-tftp-block')}
      </Text>
      <div className="scale-fields">{simple.map(input)}</div>
      <details className="fold">
        <summary>{t('planner-page.firmware-settings-today-network')}</summary>
        <div className="scale-fields">
          <Select
            size="xs"
            label={t('planner-page.firmware')}
            allowDeselect={false}
            value={goal.firmware}
            data={[
              { value: 'edk2', label: t('planner-page.uefi-x64') },
              { value: 'bios', label: t('planner-page.bios') },
            ]}
            onChange={(value) => value && setGoal({ ...goal, firmware: value })}
          />
          {more.map(input)}
        </div>
        <Checkbox
          size="xs"
          mt={8}
          label={t('planner-page.machines-can-switched-more-slowly')}
          checked={goal.canSpread}
          onChange={(event) => setGoal({ ...goal, canSpread: event.currentTarget.checked })}
        />
      </details>
      {noTime && (
        <Text size="sm" c="var(--lab-bad)">
          {t('planner-page.machines-switched-longer-than-time')}
        </Text>
      )}
      <Group gap="xs" mt={8} wrap="nowrap">
        <Button type="submit" size="xs" disabled={wrong.size > 0 || noTime || isBusy}>
          {t('planner-page.find-out')}
        </Button>
        {isBusy && (
          <Button size="xs" variant="default" onClick={() => void cancelStorm()}>
            {t('planner-page.cancel')}
          </Button>
        )}
        <Text size="sm" c="dimmed" role="status" aria-label={t('planner-page.progress')}>
          {isBusy
            ? progress || t('planner-page.simulating')
            : isStale
              ? t('planner-page.answer-below-other-numbers')
              : ''}
        </Text>
      </Group>
      {problem !== undefined && (
        <Alert color="red" variant="light" role="alert" mt={8}>
          {problem}
        </Alert>
      )}
      {answer ? (
        <Answer plan={answer.plan} goal={answer.goal} />
      ) : (
        <h1 className="visually-hidden">{t('planner-page.scale')}</h1>
      )}
    </form>
  )
}
