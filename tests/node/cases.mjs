// Runs the cases of tests/cases over the Node package on the virtual clock: cases.mjs [--record] FILE...
// Prints what did not hold; with --record also what each case showed, as `scena_cases --record` does.
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import koffi from '../../bindings/node/node_modules/koffi/index.js';
import { Engine, ScenaError, runBatch } from '../../bindings/node/lib/index.js';
import { ExpectedEvents } from './expected_events.mjs';
import { takeQuoted, takeWord, wrong } from './case_text.mjs';

const immediate = () => new Promise((resolve) => { setImmediate(resolve); });
const equal = (seen, wanted) => { if (seen !== wanted) wrong(`it is ${JSON.stringify(seen)}`); };

/** A word that may be left out: "-", or nothing. */
const orNone = (word) => (word === '-' || word === '' ? undefined : word);

const twoInARoom = {
  id: 'conformance', title: 'Conformance', description: 'Two people in a room.', category: 'test',
  scene: 'A quiet room.',
  characters: [
    { id: 'host', name: 'Host', role: 'owner of the room', persona: 'Friendly and brief.' },
    { id: 'guest', name: 'Guest', role: 'visitor', played_by: 'human' },
  ],
};
/** False: whoever writes to a file is told that there is no room. */
function filesMayGrow(may) {
  const libc = koffi.load('libc.so.6');
  const [fileSize, tooLarge, ignored] = [1, 25, 1]; // RLIMIT_FSIZE, SIGXFSZ, SIG_IGN of Linux
  libc.func('intptr_t signal(int, intptr_t)')(tooLarge, ignored);
  const limit = new BigUint64Array(2);
  libc.func('int getrlimit(int, _Out_ uint64_t*)')(fileSize, limit);
  limit[0] = may ? limit[1] : 0n;
  libc.func('int setrlimit(int, uint64_t*)')(fileSize, limit);
}

const okSchema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };

function wordFilter(rest) {
  const [how, behind] = takeWord(rest);
  const [word, other] = takeWord(behind);
  const check = (context, text) => {
    if (!text.includes(word)) return undefined;
    return how === 'block' ? { block: 'a word of the case' } : text.replaceAll(word, other);
  };
  return { holdBack: Buffer.byteLength(word), checkInput: check, checkOutput: check };
}

/** A service that fails with these codes, one reply after the other. */
function failingProvider(codes) {
  let asked = 0;
  return { reply() { throw Object.assign(new Error('the service says so'), { code: codes[asked++ % codes.length] }); } };
}

class Case {
  config = {};
  replies = [];
  options = { variables: {}, playedBy: {} };
  preset = twoInARoom;
  parts = { tools: [], analyzers: [] };
  schedule = 'script:';
  own = {};
  folderMade;
  live = false;
  allMetrics = false;

  engine;
  sessions = [];
  viewer;
  running; // a turn that was begun and not waited for
  closed = false;
  seen = '';
  expected = new ExpectedEvents();
  lastSeq = 0;
  told = '';
  answer = '';
  error = '';
  exported = '';
  failure;

  /** A folder of this case, made when it is first needed. */
  get folder() {
    return this.folderMade ??= mkdtempSync(join(realpathSync(tmpdir()), 'scena_case_'));
  }

  get session() {
    return this.sessions.at(-1);
  }

  async run(path) {
    const lines = readFileSync(path, 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const [word, rest] = takeWord(line.trim());
      if (word === '' || word.startsWith('#')) continue;
      try {
        await this.line(word, rest);
      } catch (error) {
        throw new Error(`line ${index + 1}: ${line.trim()}: ${error.message}`, { cause: error });
      }
    }
    if (this.failure) wrong(`the last command failed: ${this.failure.message}`);
  }

  async line(word, rest) {
    if (word === 'fails') {
      if (!this.failure) wrong('nothing failed');
      if (this.failure.code !== rest) wrong(`it failed with ${this.failure.code}`);
      const { message } = this.failure;
      this.told += `! ${rest} ${this.folderMade ? message.replaceAll(this.folder, '%folder%') : message}\n`;
      this.failure = undefined;
      return;
    }
    if (this.failure) wrong(`the command before failed: ${this.failure.message}`);
    if (word === 'do') {
      const [verb, behind] = takeWord(rest);
      try {
        if (!this.engine) this.open();
        await this.act(verb, behind);
      } catch (error) {
        if (!(error instanceof ScenaError)) throw error;
        this.failure = error;
      }
    } else if (!this.engine) {
      this.prepare(word, rest);
    } else {
      await this.check(word, rest);
    }
  }

  // --- before the first command --------------------------------------------------------------------
  prepare(word, rest) {
    const [name, behind] = takeWord(rest);
    const steps = {
      script: () => this.replies.push(rest.split(/"\s*\|\s*"/).join('').replace(/^"|"$/g, '')),
      rule: () => this.replies.push(rest),
      tool: () => {
        const [result] = takeQuoted(behind);
        this.parts.tools.push({ name, description: 'A tool of this case.', everywhere: true, call: () => result });
      },
      fault: () => { this.schedule = `fault:${rest}`; },
      config: () => {
        this.config = JSON.parse(rest.includes('%folder%') ? rest.replaceAll('%folder%', this.folder) : rest);
      },
      file: () => writeFileSync(join(this.folder, name), behind),
      full: () => this.folder && filesMayGrow(false), // made while it can be
      own: () => { this.own = { own: failingProvider(rest.split(' ')) }; },
      preset: () => { this.preset = rest; },
      given: () => { this.options.variables[name] = behind; },
      played: () => { this.options.playedBy[name] = behind; },
      owner: () => { this.options.owner = rest; },
      metrics: () => { this.allMetrics = true; },
      live: () => { this.live = true; },
      filter: () => { this.parts.filter = wordFilter(rest); },
      analyzer: () => {
        this.parts.analyzers.push({ name: 'marks', measure: (message) => message.text.split(rest).length - 1 });
      },
    };
    (steps[word] ?? (() => wrong('no such word')))();
  }

  open() {
    const replies = this.replies.map((text) => JSON.parse(/^[{"]/.test(text) ? text : `"${text}"`));
    const options = { delay_ms: 100, token_ms: 20, ...(replies.length ? { replies } : {}) };
    this.config = {
      metrics: this.allMetrics ? [] : ['sentiment'], ...this.config, live_metrics: this.live, clock: 'virtual', seed: 7,
      provider: this.own.own ? 'own' : 'model', providers: { model: { url: this.schedule, options } },
    };
    this.engine = new Engine(this.config, { ...this.parts, providers: this.own });
    this.sessions.push(this.engine.createSession(this.preset, this.options));
    this.viewer = this.session.events();
  }

  /** Waits for a promise as a host with a virtual clock does: time moves on when nothing is left to be done in it. */
  async settle(promise) {
    let done = false;
    promise.then(() => { done = true; }, () => { done = true; });
    for (;;) {
      if (!this.closed) this.engine.advance(0);
      for (let turns = 0; turns < 4 && !done; ++turns) await immediate(); // functions of the host run
      if (done) return promise;
      if (!this.closed) this.engine.advance(0);
      await immediate();
      if (done) return promise;
      const left = this.closed || this.elsewhere ? undefined : this.engine.nextDeadline();
      if (left !== undefined) this.engine.advance(left);
    }
  }

  /** Waits for what a thread of Node's pool does: no clock moves until it is done. */
  async behind(promise) {
    this.elsewhere = true;
    try {
      return await promise;
    } finally {
      this.elsewhere = false;
    }
  }

  async idle() {
    if (this.running) await this.settle(this.running.result().catch(() => {}));
    this.running = undefined;
    if (!this.closed) this.engine.advance(0);
  }

  // --- commands --------------------------------------------------------------------------------------
  async turn(turn) {
    const result = await this.settle(turn.result());
    this.answer = result.text;
    this.error = result.error?.code ?? '';
  }

  messageId(name) {
    if (name !== 'last' && name !== 'human') return name;
    return this.session.messages().filter((one) => name === 'last' || one.from_human).at(-1).id;
  }

  async act(verb, rest) {
    const act = this.turns[verb] ?? this.commands[verb] ?? this.engineActs[verb] ?? wrong('no such command');
    const given = act.call(this, rest, ...takeWord(rest));
    if (verb in this.turns) await this.turn(given);
    else if (given instanceof Promise) await (['begin', 'return', 'flood'].includes(verb) ? given : this.settle(given));
  }

  turns = {
    send(rest) { return this.session.send(rest.startsWith('"') ? takeQuoted(rest)[0] : rest); },
    store(rest) { return this.session.send(rest, { reply: false }); },
    json(rest) { return this.session.send(rest, { schema: okSchema, repair: true }); },
    whisper(rest, participant, behind) {
      const [to, text] = takeWord(behind);
      return this.session.send(text, { participant, audience: [to] });
    },
    recall(text) {
      const turn = this.session.send(text);
      turn.cancel();
      return turn;
    },
    repeat(rest, commandId, text) { return this.session.send(text, { commandId }); },
    to(rest, character, text) { return this.session.send(text, { character }); },
    hurry(rest, limit, text) { return this.session.send(text, { deadlineMs: Number(limit) }); },
    prompt(character) { return this.session.prompt({ character }); },
    regenerate() { return this.session.regenerate(); },
    continue() { return this.session.continueReply(); },
    edit(rest, name, text) { return this.session.edit(this.messageId(name), text); },
  };

  commands = {
    ...Object.fromEntries(['start', 'pause', 'resume', 'complete', 'fail', 'undo', 'remove', 'analyze']
      .map((step) => [step, function command() { return this.session[step](); }])),
    cancel() { this.session.cancel(); },
    analysis() { this.told += `? ${this.session.analysis().json}\n`; },
    same(commandId) { return this.session.start({ commandId }); },
    title(title) { return this.session.update({ title }); },
    label(rest, name, value) { return this.session.update({ labels: { [name]: value === '-' ? null : value } }); },
    join(rest, id, name) { return this.session.join({ id, name }); },
    leave(id) { return this.session.leave(id); },
    set(rest, name, value) { return this.session.setVariable(name, value); },
    annotate(rest, name, data) { return this.session.annotate(name, data); },
    choose(name) { return this.session.choose(this.messageId(name)); },
    async run(turns) {
      const { reason, error } = await this.session.run({ maxTurns: Number(turns) });
      this.answer = reason;
      this.error = error?.code ?? '';
    },
    async aside(rest, character, text) { this.answer = (await this.session.askAside(character, text)).text; },
    async aside_json(rest, character, text) {
      this.answer = (await this.session.askAside(character, text, { schema: okSchema })).text;
    },
    async next_question(rest, character) {
      const { text, covers, reason, cost } = await this.session.nextQuestion({ character: orNone(character) });
      this.answer = text;
      this.told += `? covers=${covers} reason=${reason} cost=${cost}\n`;
    },
    async flag_escape(rest, participant, behind) {
      const [step, reason] = takeWord(behind);
      const options = { participant: orNone(participant), step: orNone(step), reason: orNone(reason) };
      this.answer = JSON.stringify((await this.session.flagEscape(options)).escapes);
    },
    async fork(name) {
      this.sessions.push(this.engine.session(await this.session.fork({ message: this.messageId(name) })));
    },
    back() { this.sessions.pop(); },
    explain(name) { this.answer = this.session.explain(this.messageId(name)).provider; },
    async begin(text) {
      this.running = this.session.send(text);
      await this.settle(this.running.accepted());
      await this.seeUntil('delta');
    },
    /** The viewer reads on to an event of that type, leaves, and comes back behind it. */
    async return(type) {
      const { cursor } = await this.seeUntil(type);
      this.told += `? place ${cursor}\n`;
      await this.viewer.return();
      this.viewer = this.sessions[0].events({ after: cursor });
    },
    async flood(rest, count, text) {
      let refused;
      const running = [];
      for (let i = 0; i < Number(count); ++i) {
        try {
          running.push(this.session.send(text).result());
        } catch (error) {
          refused ??= error;
        }
      }
      await this.settle(Promise.allSettled(running));
      if (refused) throw refused;
    },
  };

  engineActs = {
    wait(ms) { this.engine.advance(Number(ms)); },
    as(rest, subject, roles) {
      const who = this.engine.as({ subject, roles: roles.split(' ').filter(Boolean) });
      this.sessions.push(who.session(this.session.id));
    },
    open(id) { this.sessions.push(this.engine.session(id)); },
    create(id) { this.sessions.push(this.engine.createSession(this.preset, { ...this.options, id })); },
    async import(text) { this.sessions.push(await this.engine.importSession(text || this.exported)); },
    async export() { this.exported = await this.behind(this.engine.exportSession(this.session.id)); },
    async rebuild() { this.answer = await this.engine.rebuild(this.session.id) ? 'same' : 'changed'; },
    backup(path) { return this.behind(this.engine.backup(path)); },
    check_storage() { return this.behind(this.engine.checkStorage()); },
    async close() {
      await this.readAll();
      this.closed = true;
      await this.engine.close();
    },
    put(preset) { return this.engine.putPreset(preset); },
    take(id) { return this.engine.removePreset(id); },
    read(id) { this.answer = JSON.stringify(this.engine.preset(id)); },
    async seed() { this.answer = String(await this.engine.seedPresets()); },
    sessions(rest, limit, state) {
      const page = (after) => this.engine.sessions({ limit: Number(limit), after, state: orNone(state) });
      this.list('sessions', page, (one) => `${one.id}:${one.state}:${one.turns}:${one.messages}`);
    },
    presets(rest, limit, category) {
      const page = (after) => this.engine.presets({ limit: Number(limit), after, category: orNone(category) });
      this.list('presets', page, (one) => `${one.id}:${one.category}:${one.builtin ? 'builtin' : 'stored'}`);
    },
    policy(text) { this.engine.updatePolicy(text); },
    models(text) { this.engine.setModels(text); },
    prices(text) { this.engine.setPrices(text); },
    async batch(rest, preset, count) {
      const plan = { presets: [preset], seeds: { first: 1, count: Number(count) }, max_turns: 2 };
      const { rows } = await this.behind(runBatch(plan, { config: this.config, folder: this.folder }));
      for (const { key, turns } of rows) this.told += `? row ${key}:${turns}\n`;
      this.answer = String(rows.length);
    },
    async analytics() { this.answer = String((await this.engine.analytics({ by: ['preset'] }))[0].completed); },
    async flow() { this.answer = (await this.engine.flow()).at(-1).to; },
    costs() { this.answer = this.engine.costs()[0]?.cost ?? 'none'; },
    async ask(rest, provider, text) {
      const reply = await this.engine.complete(provider, { messages: [{ role: 'user', text }] });
      this.answer = reply.text;
      this.error = reply.error?.code ?? '';
    },
    embed(rest, provider, text) { return this.engine.embed([text], { provider }); },
  };

  /** A page is a line of the record, and how many there were on all of them the answer. */
  list(name, page, shown) {
    let count = 0;
    let after;
    do {
      const { [name]: found, next } = page(after);
      this.told += [`? ${name}`, ...found.map(shown)].join(' ') + '\n';
      count += found.length;
      after = next;
    } while (after !== '');
    this.answer = String(count);
  }

  // --- what it shows -----------------------------------------------------------------------------------
  see(event) {
    if (event.type === 'lagged') return event; // the iteration goes on where its queue ended
    this.seen += `${event.json}\n`;
    this.expected.add(event);
    this.lastSeq = event.seq;
    return event;
  }

  async seeUntil(type) {
    for (;;) {
      const { value, done } = await this.settle(this.viewer.next());
      if (done) wrong(`no ${type} came`);
      if (this.see(value).type === type) return value;
    }
  }

  /** Everything that the viewer of the first session is to see until now. */
  async readAll() {
    if (this.closed || !this.engine) return;
    await this.idle();
    let end = Infinity;
    try {
      end = this.sessions[0].info().last_seq;
    } catch {
      // A session that was deleted ends with its last event.
    }
    while (this.lastSeq < end) {
      const { value, done } = await this.settle(this.viewer.next());
      if (done) return;
      this.see(value);
    }
  }

  async record() {
    await this.readAll();
    let lines = this.seen + this.told;
    for (const [index, session] of [...this.sessions.entries()].slice(1)) {
      let shown = '';
      try {
        shown = `- session ${index + 1}\n`;
        for (const event of await this.view(session, {})) shown += `${event.json}\n`;
      } catch (error) {
        if (!(error instanceof ScenaError)) throw error;
        shown = ''; // one that the case deleted, or may not see, shows nothing any more
      }
      lines += shown;
    }
    return lines;
  }

  /** What a new viewer sees now. */
  async view(session, options) {
    await this.idle();
    const end = new AbortController();
    const events = session.events({ ...options, signal: end.signal });
    const seen = [];
    for (;;) {
      let next;
      events.next().then((found) => { next = found; }, () => {});
      for (let turns = 0; turns < 4 && !next; ++turns) {
        this.engine.advance(0);
        await immediate();
      }
      if (!next || next.done) break;
      seen.push(next.value);
    }
    end.abort();
    return seen;
  }

  // --- what must hold ------------------------------------------------------------------------------
  async check(word, rest) {
    await this.idle();
    const [first, behind] = takeWord(rest);
    const checks = {
      expect: async () => {
        await this.readAll();
        this.expected.expect(rest);
      },
      answer: () => equal(this.answer, takeQuoted(rest)[0]),
      error: () => equal(this.error, rest),
      state: () => equal(this.session.info().state, rest),
      reason: () => equal(this.session.info().end_reason, rest),
      turns: () => equal(String(this.session.info().turns), rest),
      variable: () => equal(this.session.info().variables[first] ?? '', behind),
      all: () => equal(String(this.session.messages({ all: true }).length), rest),
      alternatives: () => equal(String(this.session.alternatives(this.messageId('last')).length), rest),
      outcome: () => equal(this.session.messages().at(-1).outcome ?? 'complete', rest),
      line: () => this.checkLine(rest),
      sees: () => this.checkView(first, behind, true),
      misses: () => this.checkView(first, behind, false),
    };
    await (checks[word] ?? (() => wrong('no such word, or too late in the case')))();
  }

  checkLine(rest) {
    const wanted = [];
    for (let left = rest; left !== '';) {
      const [speaker, behind] = takeWord(left);
      const [text, more] = takeQuoted(behind);
      wanted.push(`${speaker}: ${text}`);
      left = more.replace(/^,\s*/, '');
    }
    equal(this.session.messages().map((one) => `${one.speaker}: ${one.text}`).join('\n'), wanted.join('\n'));
  }

  async checkView(participant, rest, visible) {
    const [text] = takeQuoted(rest);
    const found = (await this.view(this.session, { participant })).some((event) => event.json.includes(text));
    if (found !== visible) wrong(visible ? 'it does not' : 'it does');
  }
}

const record = process.argv[2] === '--record';
for (const path of process.argv.slice(record ? 3 : 2)) {
  const one = new Case();
  try {
    await one.run(path);
    if (record) process.stdout.write(`= ${basename(path, '.case')}\n${await one.record()}`);
  } catch (error) {
    console.error(`${path}: ${error.message}`);
    process.exitCode = 1;
  } finally {
    await one.engine?.close();
    filesMayGrow(true);
    if (one.folderMade) rmSync(one.folder, { recursive: true });
  }
}
