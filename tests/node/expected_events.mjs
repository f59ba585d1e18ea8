// The events that a case expects, in their order.
import { takeQuoted, wrong } from './case_text.mjs';

export class ExpectedEvents {
  #events = []; // that were not looked at
  #inText = false; // the last thing expected was text

  add({ type, data }) {
    this.#events.push({ type, data: { ...data } });
  }

  /** Looks at a line of a case: the events go on so. */
  expect(rest) {
    for (let left = rest; left !== '';) {
      const [, type, behind] = /^([^\s,]+)\s*([^]*)$/.exec(left) ?? wrong('an event was expected');
      if (type === 'delta') {
        const [text, more] = takeQuoted(behind);
        this.#delta(text);
        left = more;
      } else {
        const [, word, more] = /^([^\s,]*)\s*([^]*)$/.exec(behind);
        this.#event(type, word);
        left = more;
      }
      left = left.replace(/^,\s*/, '');
    }
  }

  /** The next event of that type. The end of a turn is never stepped over, nor is text behind text that was expected. */
  #find(wanted) {
    const maySkip = ({ type }) => type !== 'turn.finished' && (type !== 'delta' || (wanted !== 'delta' && !this.#inText));
    while (this.#events.length > 0 && this.#events[0].type !== wanted && maySkip(this.#events[0])) this.#events.shift();
    if (this.#events.length === 0) wrong(`no ${wanted} came`);
    if (this.#events[0].type !== wanted) wrong(`a ${this.#events[0].type} came before any ${wanted}`);
    return this.#events[0];
  }

  /** Deltas may be merged on their way: what counts is that their texts join to what is expected. */
  #delta(text) {
    for (let left = text; left !== '';) {
      const { data } = this.#find('delta');
      const said = data.text.slice(0, left.length);
      if (!left.startsWith(said)) wrong(`the deltas go on with ${JSON.stringify(data.text)}`);
      left = left.slice(said.length);
      data.text = data.text.slice(said.length);
      if (data.text === '') this.#events.shift();
    }
    this.#inText = true;
  }

  #event(type, word) {
    const { data } = this.#find(type);
    this.#events.shift();
    this.#inText = false;
    const seen = ['outcome', 'participant', 'reason', 'name'].map((name) => data[name]);
    if (word !== '' && !seen.includes(word)) wrong(`it came with ${JSON.stringify(data)}`);
  }
}
