// What the managed runtime does in an execution environment: loads the handler, asks for an event, answers, asks again.
import { pathToFileURL } from 'node:url';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const errorOf = (error) => ({
  errorType: error?.name ?? 'Error',
  errorMessage: String(error?.message ?? error),
  trace: String(error?.stack ?? '').split('\n'),
});
const post = (path, body) => fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(body ?? null) });

let handler;
try {
  ({ handler } = await import(pathToFileURL(process.env._HANDLER_FILE).href));
  if (typeof handler !== 'function') throw new TypeError('the module exports no handler');
} catch (error) {
  await post('init/error', errorOf(error));
  process.exit(1);
}

for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const event = await next.json();
  const context = { awsRequestId: id, getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
  try {
    await post(`invocation/${id}/response`, await handler(event, context));
  } catch (error) {
    const told = errorOf(error);
    console.error(`${id} ERROR Invoke Error ${JSON.stringify(told)}`);
    await post(`invocation/${id}/error`, told);
  }
}
