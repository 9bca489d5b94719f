/** What failed while a page was drawn, told in its place. React has no hook for this. */
import { t } from '#messages/text.ts'
import { Anchor, Button, Group } from '@mantine/core'
import { Component, type ReactElement, type ReactNode } from 'react'
import { addressOf } from '../route.ts'
import { Copyable } from './copyable.tsx'
import { EmptyState } from './empty-state.tsx'

interface Props {
  /** Another one tries again. */
  readonly address: string
  readonly children: ReactNode
}

interface State {
  readonly address: string
  readonly failure: Error | undefined
}

export class FailureBoundary extends Component<Props, State> {
  override state: State = { address: this.props.address, failure: undefined }

  static getDerivedStateFromError(failure: unknown): Pick<State, 'failure'> {
    return { failure: failure instanceof Error ? failure : new Error(String(failure)) }
  }

  static getDerivedStateFromProps({ address }: Props, state: State): State | null {
    return address === state.address ? null : { address, failure: undefined }
  }

  override render(): ReactNode {
    const { failure } = this.state
    return failure === undefined ? this.props.children : <Failed message={failure.message} />
  }
}

function Failed({ message }: { readonly message: string }): ReactElement {
  return (
    <div role="alert">
      <EmptyState
        title={t('parts.page-failed')}
        action={
          <Group>
            <Button onClick={() => window.location.reload()}>{t('parts.reload-window')}</Button>
            <Anchor href={addressOf('start')}>{t('parts.go-start')}</Anchor>
          </Group>
        }
      >
        {t('parts.lab-goes-on')}
        <Copyable text={message} />
      </EmptyState>
    </div>
  )
}
