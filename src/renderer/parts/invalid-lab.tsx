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
        title="There is no lab yet"
        action={
          <Button component="a" href={addressOf('lab')} size="xs">
            Set up a lab
          </Button>
        }
      >
        {shows} show here once there is one.
      </EmptyState>
    )
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
