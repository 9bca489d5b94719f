import { Button } from '@mantine/core'
import type { ReactElement } from 'react'
import { addressOf } from '../route.ts'
import { EmptyState } from './empty-state.tsx'

/** A page that needs a valid lab file and has none: says so, as every other page does, and leads to the correction. */
export function InvalidLab({ shows }: { readonly shows: string }): ReactElement {
  return (
    <EmptyState
      title="The lab file has problems"
      action={
        <Button component="a" href={addressOf('settings')} size="xs">
          Correct it
        </Button>
      }
    >
      {shows} show here once the lab file is valid.
    </EmptyState>
  )
}
