import { Button } from '@mantine/core'
import { IconPrinter } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { CallFailure } from '#shared/contract/channel.ts'
import { t } from '#messages/text.ts'
import { printPage } from '../parts/print-page.ts'
import { attempt } from '../store.ts'
import { course } from './client.ts'
import type { LessonPlace } from './engine.ts'

interface PrintButtonProps {
  readonly title: string
  readonly lessons: () => readonly Printed[] | Promise<readonly Printed[]>
}

interface Printed {
  readonly place: LessonPlace
  /** Its scenario; undefined where it has one of its own. */
  readonly input: unknown
}

/** Prints lessons, or the whole course, with room for answers; the answers are behind them. */
export function PrintButton({ title, lessons }: PrintButtonProps): ReactElement {
  const [isBusy, setBusy] = useState(false)
  const print = async (): Promise<void> => {
    setBusy(true)
    await attempt(t('handout.print'), async () => {
      const made = await course('handout', await lessons())
      if (!made.ok) throw new CallFailure(made.problem, made.remedy)
      await printPage(made.html, t('handout.title', { title }))
    })
    setBusy(false)
  }
  return (
    <Button
      size="xs"
      variant="default"
      loading={isBusy}
      leftSection={<IconPrinter size={15} />}
      onClick={() => void print()}
    >
      {t('handout.print')}
    </Button>
  )
}
