/** How long an AWS service may be silent; the SDK's own default is for ever. For `requestHandler` of its clients, milliseconds. */
export const TIME_OUTS = {
  connectionTimeout: 5_000,
  /** From the request to the head of its answer; without the next line the SDK only warns. */
  requestTimeout: 10_000,
  throwOnRequestTimeout: true,
  /** Between two pieces of an answer. */
  socketTimeout: 10_000,
} as const;

/** For what is asked all the time: five tries end before a lease of 60 s does. Times count from the request, a wait for a free connection included. */
export const QUICK_TIME_OUTS = { ...TIME_OUTS, requestTimeout: 5_000 } as const;
