/** Who made a network card, as a back end tells it. */
import { t } from '#messages/text.ts'
import { locallyAdministered } from '#shared/wire/words.ts'

export const vendorText = (vendor: string): string =>
  vendor === locallyAdministered ? t('wire.local-address') : vendor
