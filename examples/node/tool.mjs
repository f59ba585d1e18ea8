// A tool and a model written in JavaScript.
import { Engine } from '../../bindings/node/lib/index.js';

const clock = {
  name: 'clock',
  description: 'The time of day in a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  everywhere: true,
  call: async ({ city }) => `12:30 in ${city}`,
};
const model = {
  async *reply(request) {
    const told = request.messages.find((message) => message.role === 'tool');
    if (told) yield `It is ${told.text}.`;
    else yield { toolCall: { name: 'clock', arguments: { city: 'Graz' } } };
  },
};

const engine = new Engine({ provider: 'model' }, { providers: { model }, tools: [clock] });
const turn = engine.createSession('job-interview').send('What time is it?');
for await (const delta of turn) process.stdout.write(delta);
process.stdout.write('\n');
