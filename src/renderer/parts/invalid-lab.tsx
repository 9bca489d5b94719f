import { t } from '#messages/text.ts'
import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { addressOf } from '../route.ts'
import { useStore } from '../store.ts'
import { EmptyState } from './empty-state.tsx'

/** A page that needs a valid lab file and has none, or an invalid one: says so, as every other page does, and leads on. */
export function InvalidLab({ shows }: { readonly shows: string }): ReactElement {
  const exists = useStore((one) => one.lab?.exists !== false)
  if (!exists)
    return (
      <EmptyState
        title={t('parts.no-lab-yet')}
        action={
          <Button component="a" href={addressOf('lab')} size="xs">
            {t('parts.set-up-lab')}
          </Button>
        }
      >
        {t('parts.show-here-once-one', { shows })}
      </EmptyState>
    )
  return (
    <EmptyState
      title={t('parts.lab-file-problems')}
      action={
        <Button component="a" href={addressOf('settings')} size="xs">
          {t('parts.correct')}
        </Button>
      }
    >
      {t('parts.show-here-once-lab-file', { shows })}
    </EmptyState>
  )
}
