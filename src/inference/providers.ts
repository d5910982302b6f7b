/**
 * Which execution providers this build of ONNX Runtime has, without making a session.
 */

/** Names as `provider=` takes them (`cpu`, `cuda`, …), in ONNX Runtime's order. */
export async function listProviders(): Promise<string[]> {
  const { listSupportedBackends } = await import('onnxruntime-node');
  return listSupportedBackends().map(({ name }) => name);
}
