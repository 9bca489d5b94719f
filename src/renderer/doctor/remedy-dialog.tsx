import type { Phrase } from '#messages/message.ts'
import { inEnglish, t, textOf } from '#messages/text.ts'
import { Box, Alert, Button, Group, Loader, Modal, Text } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { diagnose } from '#shared/diagnosis/doctor.ts'
import { canApply, type Change, type RemedyPreview, type RemedyRecord } from '#shared/lab/repair.ts'
import { call } from '../connection.ts'
import { useStore } from '../store.ts'

type Stage =
  | { readonly name: 'closed' | 'reading' }
  | { readonly name: 'asking' | 'working'; readonly preview: RemedyPreview }
  | { readonly name: 'ended'; readonly record: RemedyRecord; readonly verdict: string }
  | { readonly name: 'failed'; readonly message: string }

const words = {
  waiting: t('doctor-page.waiting'),
  started: t('doctor-page.being-made'),
  done: t('doctor-page.made'),
} as const

function Steps({ preview, isWorking }: { readonly preview: RemedyPreview; readonly isWorking: boolean }): ReactElement {
  const record = useStore((one) => one.remedy)
  return (
    <table className="grid-table">
      <thead>
        <tr>
          <th>{t('doctor-page.setting')}</th>
          <Box component="th" w={110}>
            {t('doctor-page.now')}
          </Box>
          <Box component="th" w={130}>
            {t('doctor-page.then')}
          </Box>
          {isWorking && (
            <Box component="th" w={90}>
              {t('doctor-page.state')}
            </Box>
          )}
        </tr>
      </thead>
      <tbody>
        {preview.steps.map(({ what, now, wanted, commands }, index) => (
          <tr key={`${what} ${index}`}>
            <td className="wraps">
              {what}
              {commands.map((command) => (
                <div key={command} className="mono quiet">
                  {command}
                </div>
              ))}
              {commands.length === 0 && (
                <Text size="xs" c="dimmed">
                  {t('doctor-page.should-already')}
                </Text>
              )}
            </td>
            <td className="mono">{now}</td>
            <td className="mono">{wanted}</td>
            {isWorking && <td>{words[record?.steps[index]?.state ?? 'waiting']}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A button that shows what would be done here, asks once, does it, and tells how it went. */
export function RemedyButton({
  title,
  changes,
  onChanged,
}: {
  readonly title: Phrase
  readonly changes: readonly Change[]
  readonly onChanged: () => void
}): ReactElement | null {
  const [stage, setStage] = useState<Stage>({ name: 'closed' })
  if (changes.length === 0 || !changes.every(canApply)) return null
  const trying = async (work: () => Promise<Stage>): Promise<void> => {
    try {
      setStage(await work())
    } catch (error) {
      setStage({ name: 'failed', message: error instanceof Error ? error.message : String(error) })
    }
  }
  const open = (): void => {
    setStage({ name: 'reading' })
    void trying(async () => ({
      name: 'asking',
      preview: await call('remedy.preview', { changes: [...changes] }),
    }))
  }
  const apply = (preview: RemedyPreview): void => {
    useStore.setState({ remedy: undefined })
    setStage({ name: 'working', preview })
    void trying(async () => {
      const record = await call('remedy.apply', { title: inEnglish(title).slice(0, 200), changes: [...changes] })
      // The change is made, whatever becomes of the check.
      const verdict = await call('doctor.collect', {}).then(
        (facts) => t('doctor-page.checked-again', { verdict: diagnose(facts).verdict }),
        (error: unknown) =>
          t('doctor-page.could-not-checked-again', { reason: error instanceof Error ? error.message : String(error) }),
      )
      return { name: 'ended', record, verdict }
    })
  }
  const close = (): void => {
    // A change that is being made ends first.
    if (stage.name === 'working') return
    setStage({ name: 'closed' })
    if (stage.name === 'ended') onChanged()
  }
  return (
    <>
      <Button size="xs" mt={8} variant="light" onClick={open}>
        {t('doctor-page.apply-machine')}
      </Button>
      <Modal opened={stage.name !== 'closed'} onClose={close} title={textOf(title)} size="lg">
        {stage.name === 'reading' && (
          <Group role="status">
            <Loader size="xs" /> {t('doctor-page.reading-now')}
          </Group>
        )}
        {(stage.name === 'asking' || stage.name === 'working') && (
          <>
            <Steps preview={stage.preview} isWorking={stage.name === 'working'} />
            <Text size="sm" mt="sm">
              {t('doctor-page.values-backed-up')}
              {stage.preview.needsElevation && ` ${t('doctor-page.asks-for-rights')}`}
            </Text>
          </>
        )}
        {stage.name === 'asking' && (
          <Group mt="md" justify="flex-end">
            <Button variant="default" size="xs" onClick={close}>
              {t('common.cancel')}
            </Button>
            <Button size="xs" data-autofocus onClick={() => apply(stage.preview)}>
              {t('doctor-page.make-these-changes')}
            </Button>
          </Group>
        )}
        {stage.name === 'working' && (
          <Group mt="md" justify="flex-end" role="status">
            <Loader size="xs" />
            <Button variant="default" size="xs" onClick={() => void call('remedy.cancel', {})}>
              {t('doctor-page.cancel-take-back')}
            </Button>
          </Group>
        )}
        {stage.name === 'ended' && (
          <>
            {stage.record.phase === 'applied' ? (
              <Text role="status">{t('doctor-page.done-read-back-every-value', { verdict: stage.verdict })}</Text>
            ) : (
              <Alert color="red" variant="light" title={t('doctor-page.everything')}>
                {stage.record.problem}
              </Alert>
            )}
            <Group mt="md" justify="flex-end">
              <Button size="xs" data-autofocus onClick={close}>
                {t('common.close')}
              </Button>
            </Group>
          </>
        )}
        {stage.name === 'failed' && (
          <Alert color="red" variant="light" title={t('doctor-page.could-not-done')}>
            {stage.message}
          </Alert>
        )}
      </Modal>
    </>
  )
}
