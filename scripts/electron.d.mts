/** Path of the Electron binary, or why there is no window. */
export function findElectron(): { readonly binary?: string; readonly missing?: string }
