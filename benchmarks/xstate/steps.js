// Prints the microseconds of one transition of an xstate actor: node steps.js N
import { assign, createActor, createMachine } from 'xstate';

const count = { actions: assign({ count: ({ context, event }) => context.count + event.by }) };
const machine = createMachine({
  initial: 'even',
  context: { count: 0 },
  states: {
    even: { on: { step: { target: 'odd', ...count } } },
    odd: { on: { step: { target: 'even', ...count } } },
  },
});

function measure(n) {
  const actor = createActor(machine);
  const event = { type: 'step', by: 1 };
  let seen = 0;
  actor.subscribe((snapshot) => {
    seen = snapshot.context.count;
  });
  actor.start();
  const began = process.hrtime.bigint();
  for (let i = 0; i < n; i++) actor.send(event);
  const took = Number(process.hrtime.bigint() - began);
  if (seen !== n) throw new Error(`saw ${seen} of ${n} steps`);
  return took / 1000 / n;
}

const n = Number(process.argv[2]);
// Several times, so that it is compiled: the fastest counts, as with all the others.
console.log(Math.min(...Array.from({ length: 10 }, () => measure(n))));
