// Questions of our own pages to the background script, which passes them to the host.

import { api } from './browser.js'

export async function ask(op, rest = {}) {
  const { result, error } = await api.runtime.sendMessage({ ...rest, op })
  if (error) throw new Error(error)
  return result
}
